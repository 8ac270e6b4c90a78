package ai.neuronetz.gateway.upstream;

import ai.neuronetz.gateway.metering.Reservation;

/**
 * The model server. The fourth stage of the {@linkplain ai.neuronetz.gateway.GatewayPipeline pipeline}.
 *
 * <p>Thread-safe; no method blocks.
 */
public interface Upstream extends AutoCloseable {

    /**
     * Sends the request that was granted, once and without retry: to the endpoint's constant path, with a built set of
     * headers.
     *
     * @param receiver called from I/O threads, one call at a time; must not block
     * @return to cut the call
     * @throws IllegalStateException if the reservation was used before
     */
    UpstreamCall send(Reservation reservation, UpstreamReceiver receiver);

    /** Cuts what is open and gives up all connections. */
    @Override
    void close();
}
