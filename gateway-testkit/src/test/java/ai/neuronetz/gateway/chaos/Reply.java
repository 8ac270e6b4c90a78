package ai.neuronetz.gateway.chaos;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a client saw of one request.
 *
 * @param requestId null if no head came
 * @param status 0 if no head came
 * @param code of an error
 */
record Reply(
        String tenant,
        @Nullable UUID requestId,
        int status,
        @Nullable String code) {

    static Reply none(String tenant) {
        return new Reply(tenant, null, 0, null);
    }

    /** Turned away before anything was forwarded: what the model server did wrong is told by codes of their own. */
    boolean denied() {
        return status >= 400 && (code == null || !code.startsWith("upstream_"));
    }
}
