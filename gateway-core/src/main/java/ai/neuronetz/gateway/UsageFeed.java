package ai.neuronetz.gateway;

import ai.neuronetz.gateway.accounting.UsageListener;
import ai.neuronetz.gateway.accounting.UsageRecord;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands settled requests to a listener, on a thread of its own. {@link #tell} does not block. */
final class UsageFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UsageFeed.class);

    static final int CAPACITY = 10_000;
    private static final Duration DRAIN = Duration.ofSeconds(2);

    /** How late a thread that has nothing to do notices that it is to end. */
    private static final long LOOK_MILLIS = 100;

    private final UsageListener listener;
    private final BlockingQueue<UsageRecord> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final Counter dropped;
    private final Thread thread = new Thread(this::run, "gateway-usage-listener");
    private volatile boolean closing;

    private UsageFeed(UsageListener listener, MeterRegistry registry) {
        this.listener = listener;
        this.dropped = Counter.builder("gateway.usage.records.dropped")
                .description("Settled requests that the usage listener was not told of, because it is too slow")
                .register(registry);
        thread.setDaemon(true);
    }

    static UsageFeed start(UsageListener listener, MeterRegistry registry) {
        UsageFeed feed = new UsageFeed(listener, registry);
        feed.thread.start();
        return feed;
    }

    void tell(UsageRecord usage) {
        if (closing || !queue.offer(usage)) {
            dropped.increment();
        }
    }

    private void run() {
        while (true) {
            @Nullable UsageRecord next = null;
            try {
                next = closing ? queue.poll() : queue.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                // From close, or left behind by the listener; the flag tells which.
                LOG.debug("interrupted while waiting for settled requests", e);
            }
            if (next != null) {
                hand(next);
            } else if (closing) {
                return;
            }
        }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a listener throws, the next record follows
    private void hand(UsageRecord usage) {
        try {
            listener.settled(usage);
        } catch (Throwable e) {
            LOG.warn("the usage listener threw {} at request {}", e.getClass().getName(), usage.requestId());
        }
    }

    /** Hands over what waits, for two seconds at most. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(DRAIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            int left = queue.size();
            queue.clear();
            thread.interrupt();
            dropped.increment(left);
            LOG.warn("the usage listener did not keep up: it was not told of the last {} requests", left);
        }
    }
}
