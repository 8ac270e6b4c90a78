package ai.neuronetz.gateway.identity;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes when a test says so. */
final class FakeTicker implements Ticker {

    // Close to the overflow, as a real nano clock may be.
    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(30).toNanos());

    void advance(Duration duration) {
        now.addAndGet(duration.toNanos());
    }

    @Override
    public long read() {
        return now.get();
    }
}
