package ai.neuronetz.gateway.upstream;

import ai.neuronetz.gateway.Internal;
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
    @Internal
    static Upstream http(URI ollama, int maxConnections, Timeouts timeouts) {
        return new HttpUpstream(ollama, maxConnections, timeouts);
    }

    /**
     * Claims the reservation, and sends the request that was granted, once and without retry: to the endpoint's constant path, with a built set of
     * headers.
     *
     * <p>What is thrown after the claim counts as sent, and is charged. A call that has not ended some seconds after the total
     * time-out of the settings is cut.
     *
     * @param receiver to be told what comes, from any thread, one call at a time; it does not block and does not throw
     * @return to cut the call; never null
     * @throws IllegalStateException if the reservation was used before
     */
    UpstreamCall send(Reservation reservation, UpstreamReceiver receiver);

    /** Cuts what is open and gives up all connections. */
    @Override
    void close();
}
