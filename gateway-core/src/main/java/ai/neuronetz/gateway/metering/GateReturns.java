package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back to the gate what a request held, off the request's path and until the gate has taken it.
 *
 * <p>Bounded in memory and in time: what cannot be delivered stays open in the gate, where it only makes the gate deny more,
 * until it is reconciled with the ledger. Thread-safe; never blocks or throws.
 */
final class GateReturns implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GateReturns.class);
    private static final long NOT_ADMITTED = -1;
    private static final int MAX_PENDING = 10_000;
    private static final int MAX_ATTEMPTS = 10;
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    /** Longer than a call to the gate can be on its way before it has an outcome. */
    private static final long DOUBT_MILLIS = 1000;

    private static final long CLOSE_MILLIS = 2000;

    private final RateGate gate;
    private final MeterCounters counters;
    private final AtomicInteger pending = new AtomicInteger();
    private final OpenRequests open;
    private final ScheduledThreadPoolExecutor executor;

    GateReturns(RateGate gate, OpenRequests open, MeterCounters counters) {
        this.gate = gate;
        this.counters = counters;
        this.open = open;
        this.executor = new ScheduledThreadPoolExecutor(2, task -> {
            Thread thread = new Thread(task, "gateway-gate-returns");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Returns the place of a request that the gate has admitted. */
    void submit(UUID requestId, String tenantId, long charged) {
        accept(new Return(requestId, tenantId, charged, false, 0), 0);
    }

    /** Returns the place of a request that the gate has admitted and the ledger has not. */
    void submitRefused(UUID requestId, String tenantId) {
        accept(new Return(requestId, tenantId, NOT_ADMITTED, false, 0), 0);
    }

    /**
     * Returns the place of a request that the gate may have admitted, or may be about to: once now and once more when
     * whatever was on its way has arrived.
     */
    void submitDoubtful(UUID requestId, String tenantId) {
        accept(new Return(requestId, tenantId, NOT_ADMITTED, true, 0), 0);
    }

    int pending() {
        return pending.get();
    }

    /** Waits up to two seconds for what is due, and leaves the rest to the reconciliation with the ledger. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            executor.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
    }

    private void accept(Return entry, long delayMillis) {
        if (pending.incrementAndGet() > MAX_PENDING) {
            done(entry);
            counters.returnDropped();
            return;
        }
        schedule(entry, delayMillis);
    }

    /** The task reports by itself; nobody asks its future. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void schedule(Return entry, long delayMillis) {
        try {
            executor.schedule(() -> attempt(entry), delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            done(entry);
            counters.returnDropped();
        }
    }

    private void attempt(Return entry) {
        try {
            deliver(entry);
        } catch (StoreUnavailableException e) {
            retry(entry);
            return;
        } catch (RuntimeException e) {
            LOG.error("the gate failed to take back request {}; it is left to reconciliation", entry.requestId(), e);
            done(entry);
            counters.returnDropped();
            return;
        }
        if (entry.doubtful()) {
            schedule(new Return(entry.requestId(), entry.tenantId(), entry.charged(), false, 0), DOUBT_MILLIS);
        } else {
            done(entry);
        }
    }

    private void deliver(Return entry) {
        if (entry.charged() == NOT_ADMITTED) {
            gate.release(entry.requestId(), entry.tenantId());
        } else {
            gate.settle(entry.requestId(), entry.tenantId(), entry.charged());
        }
    }

    /** Delivered, or given up. */
    private void done(Return entry) {
        pending.decrementAndGet();
        if (entry.charged() != NOT_ADMITTED) {
            open.closed(entry.tenantId());
        }
    }

    private void retry(Return entry) {
        if (entry.attempts() + 1 >= MAX_ATTEMPTS) {
            done(entry);
            counters.returnDropped();
            return;
        }
        counters.returnRetried();
        schedule(entry.again(), Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << entry.attempts()));
    }

    /** @param attempts that failed */
    private record Return(UUID requestId, String tenantId, long charged, boolean doubtful, int attempts) {
        Return again() {
            return new Return(requestId, tenantId, charged, doubtful, attempts + 1);
        }
    }
}
