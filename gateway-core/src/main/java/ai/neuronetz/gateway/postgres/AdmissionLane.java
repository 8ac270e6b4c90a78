package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Budget;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admits what waits, together, in one commit.
 *
 * <p>One thread and one connection. There is no artificial delay: what arrives while a commit is under way is the next batch,
 * so an idle ledger answers at once and a busy one shares its commits. Callers wait 250 ms at most, whatever the thread
 * does.
 */
final class AdmissionLane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdmissionLane.class);

    private static final int QUEUE = 1024;
    private static final int BATCH = 64;

    /** When the reaper charges a request that nobody settled, though its instance lives: longer than any answer takes. */
    private static final long DEADLINE_MILLIS = TimeUnit.HOURS.toMillis(6);

    private final BlockingQueue<Ticket> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Supplier<String> instance;
    private final Link link;
    private final Timer commits;
    private final DistributionSummary batches;
    private final Thread thread;
    private volatile boolean closed;

    AdmissionLane(DatabaseSettings settings, Supplier<String> instance, MeterRegistry registry) {
        this.instance = instance;
        this.link = new Link(settings, 200, 1);
        this.commits = Timer.builder("gateway.ledger.admit")
                .description("One commit of admissions")
                .register(registry);
        this.batches = DistributionSummary.builder("gateway.ledger.admit.batch")
                .description("Admissions that shared a commit")
                .register(registry);
        Gauge.builder("gateway.ledger.admit.queue", queue, BlockingQueue::size)
                .description("Admissions that wait for their commit to begin")
                .register(registry);
        this.thread = new Thread(this::run, "gateway-ledger-admit");
        this.thread.setDaemon(true);
    }

    /**
     * Asks for a request of a tenant that cannot exist, so that connection, plans and classes are there when the first real
     * one comes; then begins to admit, whatever came of it.
     */
    void start() {
        Principal nobody = new Principal(
                "-", new KeyId("000000000000"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 0);
        send(List.of(new Ticket(new Admission(new UUID(0, 0), nobody, 0, "-", "-", 1, 1))));
        thread.start();
    }

    /** One caller's place in the queue. */
    private static final class Ticket {
        final Admission admission;
        final CompletableFuture<Entry> answer = new CompletableFuture<>();

        Ticket(Admission admission) {
            this.admission = admission;
        }
    }

    Entry admit(Admission admission) {
        Ticket ticket = new Ticket(admission);
        if (closed || !queue.offer(ticket)) {
            throw new StoreUnavailableException(
                    closed ? "the ledger is closed" : "too many admissions are waiting for PostgreSQL already");
        }
        try {
            return ticket.answer.get(BoundedCalls.WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // Tells the lane not to send it any more. If it was sent already, the caller voids it.
            ticket.answer.cancel(false);
            throw new StoreUnavailableException("PostgreSQL did not commit the admission in time", e);
        } catch (InterruptedException e) {
            ticket.answer.cancel(false);
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while waiting for an admission", e);
        } catch (ExecutionException e) {
            throw new StoreUnavailableException("PostgreSQL did not admit", e);
        }
    }

    private void run() {
        List<Ticket> batch = new ArrayList<>(BATCH);
        while (!closed) {
            try {
                batch.clear();
                batch.add(queue.take());
                queue.drainTo(batch, BATCH - 1);
                batch.removeIf(ticket -> ticket.answer.isDone());
                if (!batch.isEmpty()) {
                    send(batch);
                }
            } catch (InterruptedException e) {
                break;
            } catch (RuntimeException e) {
                LOG.error("admissions failed unexpectedly and were denied", e);
                refuse(batch, e);
            }
        }
        closed = true;
        queue.drainTo(batch);
        refuse(batch, new StoreUnavailableException("the ledger is closed"));
    }

    private void send(List<Ticket> batch) {
        try {
            batches.record(batch.size());
            long begin = System.nanoTime();
            Map<UUID, Entry> entries = link.call(connection -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("SELECT * FROM gateway.admit(?::jsonb)")) {
                    statement.setString(1, items(batch));
                    try (ResultSet rows = statement.executeQuery()) {
                        return entries(rows);
                    }
                }
            });
            commits.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
            for (Ticket ticket : batch) {
                Entry entry = entries.get(ticket.admission.requestId());
                if (entry == null) {
                    ticket.answer.completeExceptionally(new SQLException("no verdict", "XX000"));
                } else {
                    ticket.answer.complete(entry);
                }
            }
        } catch (SQLException e) {
            if (Link.isStatementFault(e) && batch.size() > 1) {
                // One item's values spoilt the statement: each for itself, so that only that one is denied.
                batch.forEach(ticket -> send(List.of(ticket)));
                return;
            }
            refuse(batch, e);
        }
    }

    private String items(List<Ticket> batch) {
        String from = instance.get();
        ArrayNode items = LedgerJson.array();
        for (Ticket ticket : batch) {
            items.add(LedgerJson.admission(ticket.admission, from, DEADLINE_MILLIS));
        }
        return items.toString();
    }

    private static Map<UUID, Entry> entries(ResultSet rows) throws SQLException {
        Map<UUID, Entry> entries = new HashMap<>();
        while (rows.next()) {
            entries.put(rows.getObject("rid", UUID.class), entry(rows));
        }
        return entries;
    }

    private static Entry entry(ResultSet row) throws SQLException {
        String verdict = row.getString("verdict");
        Budget budget = budget(row);
        if (verdict.equals("ADMITTED")) {
            return new Entry.Admitted(budget);
        }
        if (budget != null && verdict.equals("OVER_BUDGET")) {
            return new Entry.OverBudget(budget);
        }
        if (budget != null && verdict.equals("NEVER_FITS")) {
            return new Entry.NeverFits(budget);
        }
        return switch (verdict) {
            case "OUTDATED" -> new Entry.Outdated();
            case "WRONG_EPOCH" -> new Entry.WrongEpoch();
            case "FENCED" -> new Entry.Fenced();
            default -> throw new SQLException("unknown verdict of admit: " + verdict, "XX000");
        };
    }

    private static @Nullable Budget budget(ResultSet row) throws SQLException {
        long limit = row.getLong("budget_limit");
        if (row.wasNull()) {
            return null;
        }
        OffsetDateTime reset = row.getObject("budget_reset", OffsetDateTime.class);
        Instant instant = reset == null ? null : reset.toInstant();
        return new Budget(limit, row.getLong("budget_remaining"), instant);
    }

    private static void refuse(List<Ticket> tickets, Exception cause) {
        tickets.forEach(ticket -> ticket.answer.completeExceptionally(cause));
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        link.close();
    }
}
