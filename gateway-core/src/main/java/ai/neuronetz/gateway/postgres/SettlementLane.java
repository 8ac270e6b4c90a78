package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.metering.Settlement;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles what has ended and voids what is in doubt, in order, again and again until PostgreSQL has answered.
 *
 * <p>The queue refuses nothing: a settlement that finds no place would be a request nobody accounts for. It is bounded all
 * the same, since nothing more is admitted once it is nearly {@link #CAPACITY} long, and each admitted request comes here
 * once. Thread-safe.
 */
final class SettlementLane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SettlementLane.class);

    static final int CAPACITY = 10_000;

    private static final int BATCH = 64;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>();
    private final Link link;
    private final Counter retries;
    private final Counter late;
    private final Counter lost;
    private final Thread thread;
    /** Handed over and not yet delivered: in the queue or in the thread's hands. */
    private final AtomicInteger pending = new AtomicInteger();

    private volatile boolean closing;

    SettlementLane(DatabaseSettings settings, MeterRegistry registry) {
        this.link = new Link(settings, 1_500, 2);
        this.retries =
                counter(registry, "gateway.ledger.settle.retries", "Batches that PostgreSQL did not take at once");
        this.late = counter(registry, "gateway.ledger.settle.late", "Settlements of requests that were settled before");
        this.lost = counter(registry, "gateway.ledger.settle.rejected", "Settlements that PostgreSQL can never take");
        Gauge.builder("gateway.ledger.settle.queue", pending, AtomicInteger::get)
                .description("Settlements that PostgreSQL has not taken yet")
                .register(registry);
        this.thread = Threads.start("gateway-ledger-settle", this::run);
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    /** @param settlement null to void */
    private record Work(UUID requestId, @Nullable Settlement settlement) {}

    void settle(UUID requestId, Settlement settlement) {
        add(new Work(requestId, settlement));
    }

    void voidAdmission(UUID requestId) {
        add(new Work(requestId, null));
    }

    private void add(Work work) {
        pending.incrementAndGet();
        queue.add(work);
    }

    /** Whether there is room for what the requests now open will bring. */
    boolean hasRoom() {
        return pending.get() <= CAPACITY * 9 / 10;
    }

    private void run() {
        List<Work> batch = new ArrayList<>(BATCH);
        try {
            while (true) {
                Work first = queue.take();
                batch.clear();
                batch.add(first);
                // One statement does one of the two: a batch ends where the other begins.
                for (Work next = queue.peek();
                        next != null
                                && batch.size() < BATCH
                                && (next.settlement() == null) == (first.settlement() == null);
                        next = queue.peek()) {
                    batch.add(queue.remove());
                }
                int delivered = batch.size();
                deliver(batch);
                pending.addAndGet(-delivered);
            }
        } catch (InterruptedException e) {
            if (pending.get() > 0) {
                LOG.warn("closed with {} settlements undelivered; they will be charged in full", pending.get());
            }
        }
    }

    private void deliver(List<Work> batch) throws InterruptedException {
        long pause = FIRST_PAUSE_MILLIS;
        while (!batch.isEmpty()) {
            try {
                List<Work> again = link.call(connection ->
                        batch.get(0).settlement() == null ? voidAll(connection, batch) : settleAll(connection, batch));
                batch.clear();
                batch.addAll(again);
                if (again.isEmpty()) {
                    return;
                }
            } catch (SQLException e) {
                if (Link.isStatementFault(e)) {
                    isolate(batch, e);
                    return;
                }
                retries.increment();
                LOG.debug("PostgreSQL did not take {} settlements; trying again in {} ms", batch.size(), pause, e);
            } catch (RuntimeException e) {
                retries.increment();
                LOG.error("settling failed unexpectedly; trying again in {} ms", pause, e);
            }
            pause(pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        }
    }

    /** One item's values spoilt the batch: each for itself, and the one that can never be taken goes to the reaper. */
    private void isolate(List<Work> batch, SQLException cause) throws InterruptedException {
        if (batch.size() == 1) {
            lost.increment();
            LOG.error(
                    "PostgreSQL can never take the settlement of {}",
                    batch.get(0).requestId(),
                    cause);
            return;
        }
        for (Work work : batch) {
            deliver(new ArrayList<>(List.of(work)));
        }
    }

    private void pause(long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(closing ? Math.min(millis, 100) : millis);
    }

    private List<Work> settleAll(Connection connection, List<Work> batch) throws SQLException {
        ArrayNode items = LedgerJson.array();
        for (Work work : batch) {
            if (work.settlement() != null) {
                items.add(LedgerJson.settlement(work.requestId(), work.settlement()));
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.settle(?::jsonb)")) {
            statement.setString(1, items.toString());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String verdict = rows.getString("verdict");
                    if (verdict.equals("LATE")) {
                        late.increment();
                    } else if (verdict.equals("UNKNOWN")) {
                        lost.increment();
                        LOG.error("PostgreSQL does not know the admission of {}", rows.getString("rid"));
                    }
                }
            }
        }
        return List.of();
    }

    private static List<Work> voidAll(Connection connection, List<Work> batch) throws SQLException {
        UUID[] ids = batch.stream().map(Work::requestId).toArray(UUID[]::new);
        List<Work> again = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.void_admissions(?)")) {
            statement.setArray(1, connection.createArrayOf("uuid", ids));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (rows.getString("verdict").equals("RETRY")) {
                        again.add(new Work(rows.getObject("rid", UUID.class), null));
                    }
                }
            }
        }
        return again;
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

    @Override
    public void close() {
        thread.interrupt();
        link.close();
    }
}
