package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.postgres.PostgresStores;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Admissions and settlements in one database, straight to the ledger: no gate in front that would hide a difference. */
final class LedgerLoad implements AutoCloseable {

    private static final long TOKENS = 500;

    /** Settlements that may wait before no more is admitted, so that both go on at the same rate. */
    private static final int MOST_WAITING = 500;

    private final BenchDatabase database;
    private final PostgresStores stores;
    private final Ledger ledger;
    private final Gauge waiting;
    private final List<Principal> principals = new ArrayList<>();

    LedgerLoad(BenchDatabase database, List<KeyId> keys) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        this.database = database;
        this.stores = PostgresStores.open(database.app(), registry);
        this.ledger = stores.ledger();
        this.waiting = registry.get("gateway.ledger.settle.queue").gauge();
        for (KeyId key : keys) {
            principals.add(Requests.principal(stores, key));
        }
    }

    /**
     * @param perSecond requests admitted and settled, with many callers at once
     * @param serverMicros CPU time of the server for each of these
     */
    record Figures(
            Latencies admit,
            Latencies settle,
            double perSecond,
            double serverMicros,
            Latencies busyAdmit,
            long unanswered) {}

    Figures measure(int calls, int threads, long seconds) throws Exception {
        Latencies admit = new Latencies();
        Latencies settle = new Latencies();
        LongAdder unanswered = new LongAdder();
        for (int n = 0; n < calls; n++) {
            try {
                callAlone(principals.get(n % principals.size()), admit, settle);
            } catch (StoreUnavailableException e) {
                unanswered.increment();
            }
        }
        Latencies busy = new Latencies();
        double before = ServerTimes.cpuMillis(database);
        double perSecond = saturate(threads, seconds, busy, unanswered);
        double serverMicros = (ServerTimes.cpuMillis(database) - before) * 1e3 / busy.count();
        return new Figures(admit, settle, perSecond, serverMicros, busy, unanswered.sum());
    }

    private void callAlone(Principal principal, Latencies admit, Latencies settle) {
        long begin = System.nanoTime();
        UUID id = admit(principal);
        long admitted = System.nanoTime();
        settle(id, principal);
        awaitSettled(10_000);
        admit.add(admitted - begin);
        settle.add(System.nanoTime() - admitted);
    }

    private void awaitSettled(long pauseNanos) {
        while (waiting.value() > 0) {
            LockSupport.parkNanos(pauseNanos);
        }
    }

    /** Until every settlement has been written. */
    private double saturate(int threads, long seconds, Latencies busy, LongAdder unanswered) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        long begin = System.nanoTime();
        long end = begin + TimeUnit.SECONDS.toNanos(seconds);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int n = 0; n < threads; n++) {
                runs.add(callers.submit(() -> callUntil(end, busy, unanswered)));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            callers.shutdownNow();
        }
        awaitSettled(100_000);
        return busy.count() * 1e9 / (System.nanoTime() - begin);
    }

    private void callUntil(long end, Latencies busy, LongAdder unanswered) {
        while (System.nanoTime() < end) {
            if (waiting.value() > MOST_WAITING) {
                LockSupport.parkNanos(200_000);
                continue;
            }
            Principal principal = principals.get(ThreadLocalRandom.current().nextInt(principals.size()));
            long begin = System.nanoTime();
            try {
                UUID id = admit(principal);
                busy.add(System.nanoTime() - begin);
                settle(id, principal);
            } catch (StoreUnavailableException e) {
                unanswered.increment();
            }
        }
    }

    private UUID admit(Principal principal) {
        UUID id = Requests.id();
        Ledger.Entry entry =
                ledger.admit(new Ledger.Admission(id, principal, 0, "/api/chat", Requests.MODEL, TOKENS - 1, 1));
        if (!(entry instanceof Ledger.Entry.Admitted)) {
            throw new IllegalStateException("not admitted: " + entry);
        }
        return id;
    }

    private void settle(UUID id, Principal principal) {
        ledger.settle(id, principal.tenantId(), Requests.settlement(TOKENS - 100));
    }

    @Override
    public void close() {
        stores.close();
    }
}
