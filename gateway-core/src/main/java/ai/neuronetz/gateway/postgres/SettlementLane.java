package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.metering.Settlement;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles what has ended and voids what is in doubt, again and again until PostgreSQL has answered.
 *
 * <p>The queue refuses nothing: a settlement that finds no place would be a request nobody accounts for. It is bounded all
 * the same, since nothing more is admitted once it is nearly {@link #CAPACITY} long, and each admitted request comes here
 * once. What PostgreSQL has not taken within a second is written to the {@link SettlementSpool} as well. Thread-safe.
 */
final class SettlementLane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SettlementLane.class);

    /** More than a process may have open at Ollama. */
    static final int CAPACITY = 25_000;

    private static final int BATCH = 64;

    /** Of one tenant, where many wait for the same locks: what has to wait should not have to wait again. */
    private static final int WAITING_BATCH = 256;

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    private static final long PROBE_EVERY_MILLIS = 5_000;
    private static final long SPOOL_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long CLOSE_MILLIS = 3_000;

    private final BlockingQueue<PendingSettlement> queue = new LinkedBlockingQueue<>();

    /** Others were in the way of these. Belongs to the thread, as all below that is not final. */
    private final PriorityQueue<PendingSettlement> later =
            new PriorityQueue<>(Comparator.comparingLong((PendingSettlement each) -> each.dueNanos));

    private final SettlementStatements statements;
    private final SettlementSpool spool;
    private final Counter retries;
    private final Thread thread;

    /** Handed over and not yet delivered. */
    private final AtomicInteger pending = new AtomicInteger();

    private int spooled;
    private long probedAt = System.nanoTime();
    private volatile boolean closing;

    SettlementLane(DatabaseSettings settings, SettlementSpool spool, MeterRegistry registry) {
        this.statements = new SettlementStatements(settings, registry);
        this.spool = spool;
        this.retries = Counter.builder("gateway.ledger.settle.retries")
                .description("Batches that PostgreSQL did not take at once")
                .register(registry);
        Gauge.builder("gateway.ledger.settle.queue", pending, AtomicInteger::get)
                .description("Settlements that PostgreSQL has not taken yet")
                .register(registry);
        this.thread = Threads.start("gateway-ledger-settle", this::run);
    }

    void settle(UUID requestId, String tenantId, Settlement settlement) {
        add(new PendingSettlement(requestId, tenantId, settlement));
    }

    void voidAdmission(UUID requestId, String tenantId) {
        add(new PendingSettlement(requestId, tenantId, null));
    }

    private void add(PendingSettlement settlement) {
        pending.incrementAndGet();
        queue.add(settlement);
    }

    /** Whether there is room for what the requests now open will bring, in memory and on disk. */
    boolean hasRoom() {
        return pending.get() <= CAPACITY * 9 / 10 && spool.usable();
    }

    private void run() {
        List<PendingSettlement> batch = new ArrayList<>(BATCH);
        try {
            for (PendingSettlement left : spool.adopt()) {
                spooled += left.spooled ? 1 : 0;
                add(left);
            }
            while (true) {
                probe();
                batch.clear();
                PendingSettlement first = next();
                if (first != null) {
                    gather(first, batch);
                    deliver(batch);
                }
            }
        } catch (InterruptedException e) {
            keep(batch);
        }
    }

    /** Finds out that the disk is full before it is needed. */
    private void probe() {
        long now = System.nanoTime();
        if (spooled == 0 && now - probedAt >= TimeUnit.MILLISECONDS.toNanos(PROBE_EVERY_MILLIS)) {
            spool.probe();
            probedAt = now;
        }
    }

    /** Whatever is due first; null if nothing came for a while. */
    private @Nullable PendingSettlement next() throws InterruptedException {
        PendingSettlement due = later.peek();
        long wait = due == null
                ? TimeUnit.MILLISECONDS.toNanos(PROBE_EVERY_MILLIS)
                : Math.min(due.dueNanos - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(PROBE_EVERY_MILLIS));
        if (due != null && wait <= 0) {
            return later.remove();
        }
        PendingSettlement next = queue.poll(wait, TimeUnit.NANOSECONDS);
        return next == null && due != null && due.dueNanos - System.nanoTime() <= 0 ? later.remove() : next;
    }

    /** One statement does one thing: a batch ends where another begins. */
    private void gather(PendingSettlement first, List<PendingSettlement> batch) {
        batch.add(first);
        if (waits(first)) {
            long now = System.nanoTime();
            later.removeIf(each -> batch.size() < WAITING_BATCH
                    && waits(each)
                    && each.dueNanos - now <= 0
                    && each.tenantId.equals(first.tenantId)
                    && isVoid(each) == isVoid(first)
                    && batch.add(each));
            return;
        }
        for (PendingSettlement next = queue.peek();
                next != null && batch.size() < BATCH && isVoid(next) == isVoid(first);
                next = queue.peek()) {
            batch.add(queue.remove());
        }
    }

    private static boolean isVoid(PendingSettlement settlement) {
        return settlement.settlement == null;
    }

    /**
     * Whether it waits for its locks, alone with others of its tenant. Once skipped it does: while several processes admit
     * requests of one tenant there is never a moment at which its rows are free.
     */
    private static boolean waits(PendingSettlement settlement) {
        return settlement.busy > 0;
    }

    private void deliver(List<PendingSettlement> batch) throws InterruptedException {
        long since = System.nanoTime();
        long pause = FIRST_PAUSE_MILLIS;
        boolean wait = waits(batch.get(0));
        while (!batch.isEmpty()) {
            try {
                List<PendingSettlement> busy = statements.send(batch, wait);
                batch.removeAll(busy);
                delivered(batch);
                busy.forEach(this::postpone);
                batch.clear();
                return;
            } catch (SQLException e) {
                if (Link.isStatementFault(e)) {
                    isolate(batch, e);
                    return;
                }
                if (wait && Link.isBusy(e)) {
                    batch.forEach(this::postpone);
                    batch.clear();
                    return;
                }
                retries.increment();
                LOG.debug("PostgreSQL did not take {} settlements; trying again in {} ms", batch.size(), pause, e);
            } catch (RuntimeException e) {
                retries.increment();
                LOG.error("settling failed unexpectedly; trying again in {} ms", pause, e);
            }
            if (System.nanoTime() - since >= SPOOL_AFTER_NANOS) {
                spool(batch);
            }
            TimeUnit.MILLISECONDS.sleep(closing ? Math.min(pause, 100) : pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        }
    }

    private void postpone(PendingSettlement settlement) {
        settlement.busy++;
        long millis = settlement.busy == 1 ? 0 : Math.min(LONGEST_PAUSE_MILLIS, 5L << Math.min(settlement.busy, 10));
        settlement.dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        later.add(settlement);
    }

    private void delivered(List<PendingSettlement> settlements) {
        for (PendingSettlement settlement : settlements) {
            if (settlement.spooled && --spooled == 0) {
                spool.clear();
            }
        }
        pending.addAndGet(-settlements.size());
    }

    /** One item's values spoilt the batch: each for itself, and the one that can never be taken goes to the reaper. */
    private void isolate(List<PendingSettlement> batch, SQLException cause) throws InterruptedException {
        if (batch.size() == 1) {
            statements.rejected(batch.get(0), cause);
            delivered(batch);
            return;
        }
        for (PendingSettlement settlement : batch) {
            deliver(new ArrayList<>(List.of(settlement)));
        }
    }

    /** Writes down what is not yet; whether all of it is. */
    private boolean spool(List<PendingSettlement> batch) {
        List<PendingSettlement> unwritten = new ArrayList<>();
        boolean intact = spool.intact();
        for (Iterable<PendingSettlement> each : List.of(batch, queue, later)) {
            for (PendingSettlement settlement : each) {
                if (!intact || !settlement.spooled) {
                    unwritten.add(settlement);
                }
            }
        }
        if (unwritten.isEmpty()) {
            return true;
        }
        if (!spool.append(unwritten)) {
            return false;
        }
        unwritten.forEach(settlement -> settlement.spooled = true);
        spooled = intact ? spooled + unwritten.size() : unwritten.size();
        return true;
    }

    /** At the end. */
    private void keep(List<PendingSettlement> batch) {
        if (pending.get() == 0) {
            return;
        }
        if (spool(batch)) {
            LOG.warn("closed with {} settlements undelivered; they are kept for the next start", pending.get());
        } else {
            LOG.error("closed with {} settlements undelivered; they will be charged in full", pending.get());
        }
    }

    /** Waits until all that was handed over is delivered, but no longer than this; whether it was. */
    boolean drain(Duration atMost) throws InterruptedException {
        closing = true;
        long end = System.nanoTime() + atMost.toNanos();
        while (pending.get() > 0) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return true;
    }

    /** Keeps in the spool what PostgreSQL has not taken. */
    @Override
    public void close() {
        thread.interrupt();
        statements.close();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        spool.close();
    }
}
