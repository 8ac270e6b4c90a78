package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes denials down, a few times a second.
 *
 * <p>What an attacker can cause is bounded twice: refusals of one source and minute are one row, and sources beyond a number
 * per second are counted together as {@code (other)}. Thread-safe; never blocks its callers.
 */
final class PostgresAuditLog implements AuditLog, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresAuditLog.class);

    private static final int DENIALS = 10_000;
    private static final int BATCH = 256;
    private static final int SOURCES = 500;
    private static final String OTHER = "(other)";
    private static final long DENIALS_EVERY_MILLIS = 200;
    private static final long REFUSALS_EVERY_MILLIS = 1_000;

    private final Link link;
    private final BlockingQueue<Denied> denials = new ArrayBlockingQueue<>(DENIALS);
    private final Counter dropped;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Threads.named("gateway-audit"));
    private final Object lock = new Object();

    /** Guarded by {@link #lock}. */
    private Map<Source, Long> refusals = new HashMap<>();

    /** Only the thread's: what was taken and is not written yet. */
    private final List<Denied> taken = new ArrayList<>();

    PostgresAuditLog(DatabaseSettings settings, MeterRegistry registry) {
        this.link = new Link(settings, 1_500, 1_500, 2);
        this.dropped = Counter.builder("gateway.audit.dropped")
                .description("Denials that found no place in the queue to PostgreSQL")
                .register(registry);
        Gauge.builder("gateway.audit.queue", denials, BlockingQueue::size)
                .description("Denials that are not written yet")
                .register(registry);
        every(DENIALS_EVERY_MILLIS, this::writeDenials);
        every(REFUSALS_EVERY_MILLIS, this::writeRefusals);
    }

    private record Denied(
            UUID requestId,
            String tenantId,
            String keyId,
            String endpoint,
            @Nullable String model,
            String reason,
            long at) {}

    private record Source(String source, String reason) {}

    @Override
    public void denied(UUID requestId, Principal principal, String endpoint, @Nullable String model, Reason reason) {
        Denied denial = new Denied(
                requestId,
                principal.tenantId(),
                principal.keyId().value(),
                endpoint,
                model,
                reason.code(),
                System.nanoTime());
        if (!denials.offer(denial)) {
            dropped.increment();
        }
    }

    @Override
    public void refused(String source, Reason reason) {
        synchronized (lock) {
            Source exact = new Source(source, reason.code());
            boolean room = refusals.size() < SOURCES || refusals.containsKey(exact);
            refusals.merge(room ? exact : new Source(OTHER, reason.code()), 1L, Long::sum);
        }
    }

    private void every(long millis, Writing writing) {
        Threads.repeat(thread, millis, () -> attempt(writing));
    }

    private interface Writing {
        void write() throws SQLException;
    }

    private static void attempt(Writing writing) {
        try {
            writing.write();
        } catch (SQLException e) {
            LOG.debug("PostgreSQL did not take the audit of denials; trying again", e);
        } catch (RuntimeException e) {
            LOG.error("writing the audit of denials failed unexpectedly", e);
        }
    }

    private void writeDenials() throws SQLException {
        denials.drainTo(taken, BATCH - taken.size());
        while (!taken.isEmpty()) {
            try {
                write(taken);
                taken.clear();
            } catch (SQLException e) {
                if (!Link.isStatementFault(e)) {
                    throw e;
                }
                writeEach();
            }
            denials.drainTo(taken, BATCH);
        }
    }

    /** One row's values spoilt the batch. */
    private void writeEach() throws SQLException {
        while (!taken.isEmpty()) {
            Denied denial = taken.get(0);
            try {
                write(List.of(denial));
            } catch (SQLException e) {
                if (!Link.isStatementFault(e)) {
                    throw e;
                }
                dropped.increment();
                LOG.error("PostgreSQL can never take the denial of {}", denial.requestId(), e);
            }
            taken.remove(0);
        }
    }

    private void write(List<Denied> rows) throws SQLException {
        ArrayNode items = LedgerJson.array();
        for (Denied row : rows) {
            items.addObject()
                    .put("rid", row.requestId().toString())
                    .put("tenant", row.tenantId())
                    .put("key", row.keyId())
                    .put("endpoint", row.endpoint())
                    .put("model", row.model())
                    .put("reason", row.reason())
                    .put("age_ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - row.at()));
        }
        call("SELECT gateway.record_denials(?::jsonb)", items);
    }

    private void writeRefusals() throws SQLException {
        Map<Source, Long> counted;
        synchronized (lock) {
            if (refusals.isEmpty()) {
                return;
            }
            counted = refusals;
            refusals = new HashMap<>();
        }
        ArrayNode items = LedgerJson.array();
        counted.forEach((source, count) -> {
            ObjectNode item = items.addObject();
            item.put("source", source.source())
                    .put("reason", source.reason())
                    .put("count", count)
                    .put("age_ms", 0);
        });
        try {
            call("SELECT gateway.record_refusals(?::jsonb)", items);
        } catch (SQLException e) {
            synchronized (lock) {
                counted.forEach((source, count) -> refusals.merge(
                        refusals.size() < 2 * SOURCES || refusals.containsKey(source)
                                ? source
                                : new Source(OTHER, source.reason()),
                        count,
                        Long::sum));
            }
            throw e;
        }
    }

    private void call(String sql, ArrayNode items) throws SQLException {
        link.call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, LedgerJson.text(items));
                return statement.execute();
            }
        });
    }

    /** Writes once more what is there; does not wait longer than 3 s. */
    @Override
    public void close() {
        thread.execute(() -> {
            attempt(this::writeDenials);
            attempt(this::writeRefusals);
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(3, TimeUnit.SECONDS)) {
                LOG.warn("closed with {} denials not written", denials.size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            thread.shutdownNow();
            link.close();
        }
    }
}
