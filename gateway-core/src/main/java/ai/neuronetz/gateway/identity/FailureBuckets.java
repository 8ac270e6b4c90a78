package ai.neuronetz.gateway.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Failed authentications per source as this process saw them, so that a flood of them is turned away without asking a store.
 *
 * <p>A leaky bucket per source: it holds one minute's failures, drains evenly, and bars while another one would not fit. Of a
 * bucket only the instant is kept at which it will be empty. Thread-safe; does not block.
 */
final class FailureBuckets {

    private static final int MAX_SOURCES = 50_000;

    private final Cache<String, Long> emptyAt;
    private final Ticker ticker;
    private final long drainNanos;
    private final long fullNanos;

    FailureBuckets(int failuresPerMinute, Ticker ticker) {
        this.ticker = ticker;
        this.drainNanos = Duration.ofMinutes(1).toNanos() / failuresPerMinute;
        this.fullNanos = drainNanos * failuresPerMinute;
        this.emptyAt = Caffeine.newBuilder()
                .maximumSize(MAX_SOURCES)
                // Nothing is lost by forgetting a bucket that has drained; a longer bar is told again by the shared
                // count.
                .expireAfterWrite(Duration.ofNanos(fullNanos).plusMinutes(1))
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /** Zero or less if the source is not barred. */
    Duration barredFor(String source) {
        Long empty = emptyAt.getIfPresent(source);
        return empty == null ? Duration.ZERO : Duration.ofNanos(empty - ticker.read() - fullNanos + drainNanos);
    }

    void record(String source) {
        long now = ticker.read();
        emptyAt.asMap()
                .merge(source, now + drainNanos, (empty, ignored) -> (empty - now > 0 ? empty : now) + drainNanos);
    }

    /** Bars the source for at least this long, an hour at most, because others saw its failures too. */
    void bar(String source, Duration atLeast) {
        long nanos = Math.min(atLeast.toSeconds(), 3_600) * 1_000_000_000L + atLeast.getNano();
        long empty = ticker.read() + nanos + fullNanos - drainNanos;
        emptyAt.asMap().merge(source, empty, (known, barred) -> known - barred > 0 ? known : barred);
    }
}
