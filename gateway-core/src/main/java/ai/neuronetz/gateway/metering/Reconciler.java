package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.metering.Ledger.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees places in the gate that nobody gave back, as the ledger says: what it never admitted and what it has settled.
 *
 * <p>Order: void in the ledger first, then free in the gate. The reverse could free the place of a request that is still to be
 * admitted. What was settled is freed with what it was charged, so that it counts in its minute. Each process does this for
 * all, and twice is as good as once.
 */
final class Reconciler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    private static final long EVERY_MILLIS = 10_000;

    /** Far longer than a request is between gate and ledger; shorter would ask about many that are only young. */
    private static final Duration SETTLED_IN = Duration.ofSeconds(5);

    private static final int BATCH = 500;

    private final RateGate gate;
    private final Ledger ledger;
    private final MeterCounters counters;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "gateway-reconciler");
        made.setDaemon(true);
        return made;
    });

    Reconciler(RateGate gate, Ledger ledger, MeterCounters counters) {
        this.gate = gate;
        this.ledger = ledger;
        this.counters = counters;
    }

    void start() {
        // Nothing waits for this future: it ends with its executor.
        Future<?> unused = thread.scheduleWithFixedDelay(this::run, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void run() {
        guarded(() -> gate.openTenants().forEach(tenantId -> guarded(() -> reconcile(tenantId))));
    }

    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (StoreUnavailableException e) {
            LOG.debug("gate and ledger are reconciled later", e);
        } catch (RuntimeException e) {
            LOG.error("gate and ledger could not be reconciled", e);
        }
    }

    /** One tenant, now. */
    void reconcile(String tenantId) {
        List<UUID> open = new ArrayList<>(gate.open(tenantId, SETTLED_IN));
        for (int from = 0; from < open.size(); from += BATCH) {
            for (Fate fate : ledger.resolve(open.subList(from, Math.min(open.size(), from + BATCH)))) {
                if (fate instanceof Fate.NeverAdmitted unknown) {
                    gate.release(unknown.requestId(), tenantId);
                    counters.reconciled();
                } else if (fate instanceof Fate.Settled settled) {
                    gate.settle(settled.requestId(), tenantId, settled.charged());
                    counters.reconciled();
                }
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
