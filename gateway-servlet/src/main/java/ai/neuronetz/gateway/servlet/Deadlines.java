package ai.neuronetz.gateway.servlet;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * One clock for all slow clients: how long a body may take to arrive and a write to leave.
 *
 * <p>Looks at everything that is open a few times a second, which costs less than a timer for each frame. Thread-safe.
 */
final class Deadlines implements AutoCloseable {

    private static final Duration SWEEP = Duration.ofMillis(250);
    private static final Duration BODY = Duration.ofSeconds(30);
    private static final Duration WRITE = Duration.ofSeconds(30);

    private final long bodyNanos;
    private final long writeNanos;
    private final Set<Timed> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock;

    Deadlines() {
        this(BODY, WRITE);
    }

    Deadlines(Duration body, Duration write) {
        this.bodyNanos = body.toNanos();
        this.writeNanos = write.toNanos();
        this.clock = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "gateway-slow-clients");
            thread.setDaemon(true);
            return thread;
        });
        clock.scheduleWithFixedDelay(this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Something that must not wait for ever. */
    interface Timed {

        /** Ends itself if it has waited longer than it may. */
        void expire(long nowNanos);
    }

    long bodyNanos() {
        return bodyNanos;
    }

    long writeNanos() {
        return writeNanos;
    }

    void add(Timed timed) {
        open.add(timed);
    }

    void remove(Timed timed) {
        open.remove(timed);
    }

    private void sweep() {
        long now = System.nanoTime();
        open.forEach(timed -> timed.expire(now));
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
