package ai.neuronetz.gateway.redis;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.AuthFailures;
import java.time.Duration;
import java.util.List;

/**
 * Remembers the instants of each source's last failures, for as long as they count.
 *
 * <p>Other than the state of a limit, no failures found means none: losing them forgives, it does not let anybody in.
 */
final class RedisAuthFailures implements AuthFailures {

    private final RedisCalls calls;
    private final int perWindow;
    private final long windowMillis;

    RedisAuthFailures(RedisCalls calls, int perWindow, long windowMillis) {
        if (perWindow < 1) {
            throw new IllegalArgumentException("failures per minute: " + perWindow + " (expected: >= 1)");
        }
        this.calls = calls;
        this.perWindow = perWindow;
        this.windowMillis = windowMillis;
    }

    @Override
    public Duration barredFor(String source) {
        return ask(source, 0);
    }

    @Override
    public Duration record(String source) {
        return ask(source, 1);
    }

    private Duration ask(String source, int more) {
        String key = "gw:af:{" + requireNonNull(source, "source") + "}";
        List<Object> answer = calls.run(RedisScript.FAILURES, List.of(key), perWindow, windowMillis, more);
        if (answer.size() == 1 && answer.get(0) instanceof Long millis) {
            return Duration.ofMillis(millis);
        }
        throw new StoreUnavailableException("Redis answered failures in an unknown form: is it a Redis of version 7?");
    }
}
