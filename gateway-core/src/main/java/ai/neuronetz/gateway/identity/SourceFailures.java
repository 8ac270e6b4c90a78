package ai.neuronetz.gateway.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;

/**
 * Failed authentications per source: the count shared by all replicas, and before it one in this process, so that a flood is
 * turned away without asking a store.
 *
 * <p>Here, each source has a leaky bucket: it holds one minute's failures, drains evenly, and bars while another one would not
 * fit. Of a bucket only the instant is kept at which it will be empty. Thread-safe.
 */
final class SourceFailures {

    private static final int MAX_SOURCES = 50_000;
    private static final Duration LONGEST_BAR = Duration.ofHours(1);

    private final AuthFailures shared;
    private final Ticker ticker;
    private final Counter counter;
    private final long drainNanos;
    private final long fullNanos;
    private final Cache<String, Long> emptyAt;

    SourceFailures(AuthFailures shared, int perMinute, Ticker ticker, Counter counter) {
        this.shared = shared;
        this.ticker = ticker;
        this.counter = counter;
        this.drainNanos = Duration.ofMinutes(1).toNanos() / perMinute;
        this.fullNanos = drainNanos * perMinute;
        this.emptyAt = Caffeine.newBuilder()
                .maximumSize(MAX_SOURCES)
                // Nothing is lost by forgetting a bucket that has drained; a longer bar is told again by the shared
                // count.
                .expireAfterWrite(Duration.ofMinutes(2))
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /** Zero if this process knows of no bar. Asks no store. */
    Duration barredHere(String source) {
        Long empty = emptyAt.getIfPresent(source);
        long nanos = empty == null ? 0 : empty - ticker.read() - fullNanos + drainNanos;
        return Duration.ofNanos(Math.max(0, nanos));
    }

    /** Zero if no replica has barred the source. A bar is remembered here. Asks the shared count. */
    Duration barredAnywhere(String source) {
        return remember(source, shared.barredFor(source));
    }

    /** Counts a failure, here also if it cannot be counted in the shared count. */
    void count(String source) {
        counter.increment();
        long now = ticker.read();
        emptyAt.asMap()
                .merge(source, now + drainNanos, (empty, ignored) -> (empty - now > 0 ? empty : now) + drainNanos);
        remember(source, shared.record(source));
    }

    private Duration remember(String source, Duration barred) {
        if (barred.isZero() || barred.isNegative()) {
            return Duration.ZERO;
        }
        Duration bounded = barred.compareTo(LONGEST_BAR) > 0 ? LONGEST_BAR : barred;
        long empty = ticker.read() + bounded.toNanos() + fullNanos - drainNanos;
        emptyAt.asMap().merge(source, empty, (known, told) -> known - told > 0 ? known : told);
        return bounded;
    }
}
