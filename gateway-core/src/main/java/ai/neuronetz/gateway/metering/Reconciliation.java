package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back in the gate what a request held there, off the request path, and tries again until the gate has answered.
 *
 * <p>Bounded: what finds no place, or is refused too often, is counted and stays open in the gate, which denies too much and
 * never too little. Thread-safe.
 */
final class Reconciliation implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
    private static final int THREADS = 4;
    private static final int MAX_WAITING = 20_000;
    private static final int MAX_ATTEMPTS = 60;
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);

    private final RateGate gate;
    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor later;
    private final Counter retries;
    private final Counter lost;
    private final ConcurrentHashMap<String, AtomicInteger> underWay = new ConcurrentHashMap<>();

    Reconciliation(RateGate gate, MeterRegistry registry) {
        this.gate = gate;
        this.workers = new ThreadPoolExecutor(
                THREADS, THREADS, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(MAX_WAITING), Reconciliation::daemon);
        this.later = new ScheduledThreadPoolExecutor(1, Reconciliation::daemon);
        this.retries = registry.counter("gateway.gate.settle.retries");
        this.lost = registry.counter("gateway.gate.settle.lost");
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "gateway-gate-settle");
        thread.setDaemon(true);
        return thread;
    }

    void settle(UUID requestId, String tenantId, long charged) {
        begin(tenantId, () -> gate.settle(requestId, tenantId, charged));
    }

    /** As {@link RateGate#release}. */
    void release(UUID requestId, String tenantId) {
        begin(tenantId, () -> gate.release(requestId, tenantId));
    }

    private void begin(String tenantId, Runnable call) {
        underWay.computeIfAbsent(tenantId, tenant -> new AtomicInteger()).incrementAndGet();
        submit(tenantId, call, 1);
    }

    /**
     * Waits until what was to be given back for a tenant has been, or the time is over: a client that sends its next request
     * when the last answer has ended must not meet that one's reservation.
     *
     * @return whether there was anything to wait for
     */
    boolean awaitQuiet(String tenantId, Duration limit) {
        AtomicInteger open = underWay.get(tenantId);
        if (open == null || open.get() == 0) {
            return false;
        }
        long left = limit.toMillis();
        long end = System.nanoTime() + limit.toNanos();
        synchronized (open) {
            while (open.get() > 0 && left > 0) {
                try {
                    open.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        }
        return true;
    }

    private void submit(String tenantId, Runnable call, int attempt) {
        try {
            workers.execute(() -> attempt(tenantId, call, attempt));
        } catch (RejectedExecutionException e) {
            giveUp(tenantId);
        }
    }

    private void attempt(String tenantId, Runnable call, int attempt) {
        try {
            call.run();
            done(tenantId);
        } catch (StoreUnavailableException e) {
            if (attempt >= MAX_ATTEMPTS) {
                giveUp(tenantId);
                return;
            }
            retries.increment();
            later.schedule(
                    () -> submit(tenantId, call, attempt + 1), BETWEEN_ATTEMPTS.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void giveUp(String tenantId) {
        lost.increment();
        LOG.warn("a reservation stays open in the gate until its state is rebuilt: Redis did not take its settlement");
        done(tenantId);
    }

    private void done(String tenantId) {
        AtomicInteger open = underWay.get(tenantId);
        if (open != null) {
            synchronized (open) {
                open.decrementAndGet();
                open.notifyAll();
            }
        }
    }

    @Override
    public void close() {
        workers.shutdown();
        try {
            workers.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        workers.shutdownNow();
        later.shutdownNow();
    }
}
