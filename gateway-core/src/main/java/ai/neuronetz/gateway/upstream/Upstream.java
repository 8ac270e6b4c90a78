package ai.neuronetz.gateway.upstream;

import ai.neuronetz.gateway.metering.Reservation;
import java.net.URI;

/**
 * The model server. The fourth stage of the {@linkplain ai.neuronetz.gateway.GatewayPipeline pipeline}.
 *
 * <p>Thread-safe; no method blocks.
 */
public interface Upstream extends AutoCloseable {

    /**
     * An Ollama reached over HTTP/1.1.
     *
     * @param ollama scheme, host and port only
     * @param maxConnections connections open at once
     */
    static Upstream http(URI ollama, int maxConnections, Timeouts timeouts) {
        return new HttpUpstream(ollama, maxConnections, timeouts);
    }

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
