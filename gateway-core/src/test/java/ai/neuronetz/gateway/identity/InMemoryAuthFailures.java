package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A shared count that bars whom the test says, counts how often it was asked and can be out of reach. */
final class InMemoryAuthFailures implements AuthFailures {

    final Map<String, Duration> bars = new ConcurrentHashMap<>();
    final Map<String, Integer> recorded = new ConcurrentHashMap<>();
    final AtomicInteger calls = new AtomicInteger();
    volatile boolean readable = true;
    volatile boolean writable = true;

    @Override
    public Duration barredFor(String source) {
        calls.incrementAndGet();
        require(readable);
        return bars.getOrDefault(source, Duration.ZERO);
    }

    @Override
    public Duration record(String source) {
        calls.incrementAndGet();
        require(writable);
        recorded.merge(source, 1, Integer::sum);
        return bars.getOrDefault(source, Duration.ZERO);
    }

    private static void require(boolean reachable) {
        if (!reachable) {
            throw new StoreUnavailableException("shared count: unplugged by the test");
        }
    }
}
