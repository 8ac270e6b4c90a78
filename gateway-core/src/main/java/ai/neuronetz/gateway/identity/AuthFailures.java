package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.time.Duration;

/**
 * Counts failed authentications per source address, over all replicas.
 *
 * <p>Implementations are thread-safe, wait at most 250 ms and try once.
 */
@Internal
public interface AuthFailures {

    /**
     * How long the source is barred from further attempts; zero if it is not.
     *
     * @param source an address or prefix in canonical text, such as {@code 192.0.2.7} or {@code 2001:db8:1:2::/64}
     * @throws StoreUnavailableException if the count is unknown
     */
    Duration barredFor(String source);

    /**
     * Counts one failure.
     *
     * @return as {@link #barredFor}, after this failure
     * @throws StoreUnavailableException if it could not be counted
     */
    Duration record(String source);
}
