package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Reason;
import org.jspecify.annotations.Nullable;

/** Leaves the recursive reading of a request at the first thing that cannot be accepted; never leaves this package. */
final class Unacceptable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final @Nullable String field;

    private Unacceptable(Reason reason, @Nullable String field) {
        super(reason.code(), null, false, false);
        this.reason = reason;
        this.field = field;
    }

    static Unacceptable json() {
        return new Unacceptable(Reason.INVALID_JSON, null);
    }

    static Unacceptable field(String name) {
        return new Unacceptable(Reason.INVALID_FIELD, name);
    }

    static Unacceptable of(Reason reason, String field) {
        return new Unacceptable(reason, field);
    }

    Reason reason() {
        return reason;
    }

    @Nullable
    String field() {
        return field;
    }
}
