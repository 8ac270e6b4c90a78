package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.Internal;
import org.jspecify.annotations.Nullable;

/**
 * The state of the minute's limits after a decision: of key and tenant the one with less room, null where neither is
 * limited.
 *
 * @param requests requests per minute
 * @param tokens tokens per minute
 */
@Internal
public record RateStatus(
        @Nullable Window requests, @Nullable Window tokens) {

    /**
     * @param limit per minute
     * @param remaining at least 0
     * @param resetMillis until the window is empty again, if nothing more is asked
     */
    public record Window(long limit, long remaining, long resetMillis) {}
}
