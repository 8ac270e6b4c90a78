package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.Principal;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Reserves what a request can use at most. The third stage of the {@linkplain ai.neuronetz.gateway.GatewayPipeline
 * pipeline}, and the only source of a {@link Reservation}.
 *
 * <p>Implementations are thread-safe. They may wait for a store, but never longer than its deadline; a store that does not
 * answer is a refusal, not an exception.
 */
public abstract class Meter {

    /**
     * Reserves, or says why not. Blocks for about a second at most; what it holds for a request that it refuses is its own to
     * give back.
     *
     * @param requestId a UUID of version 7, unique to this request
     */
    public abstract Metering reserve(UUID requestId, Principal principal, Grant grant);

    /**
     * Makes the reservation this meter has just recorded.
     *
     * @param headers the state of the limits, for the answer
     * @param onSettled called once, with how the request ended; must not block or throw
     */
    protected final Reservation reserved(
            UUID requestId,
            Principal principal,
            Grant grant,
            Map<String, String> headers,
            Consumer<Settlement> onSettled) {
        return new Reservation(requestId, principal, grant, headers, onSettled);
    }
}
