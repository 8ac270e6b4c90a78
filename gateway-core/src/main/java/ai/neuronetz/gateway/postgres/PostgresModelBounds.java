package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.access.ModelBounds;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all replicas learnt of models, written and read once a second.
 *
 * <p>What this process learns holds here at once. What is not written yet survives an outage of PostgreSQL, and is lost only
 * with the process; then the model's next input over its bound teaches it anew. Thread-safe; never blocks its callers.
 */
final class PostgresModelBounds implements ModelBounds, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresModelBounds.class);

    private static final long EVERY_MILLIS = 1_000;

    private final Link link;
    private final Readiness readiness;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Threads.named("gateway-model-bounds"));
    private final Object lock = new Object();

    /** Guarded by {@link #lock}: not written yet. Its keys are models that Ollama has listed. */
    private Map<String, Learnt> unwritten = new HashMap<>();

    /** Replaced as a whole, under {@link #lock}. */
    private volatile Map<String, Long> largest = Map.of();

    /** @param requests how many exceeded their bound */
    private record Learnt(long inputTokens, long requests) {
        Learnt and(Learnt other) {
            return new Learnt(Math.max(inputTokens, other.inputTokens), requests + other.requests);
        }
    }

    PostgresModelBounds(DatabaseSettings settings, Readiness readiness) {
        this.link = new Link(settings, 1_500, 1_500, 2);
        this.readiness = readiness;
    }

    /** Reads once, at once, and goes on in the background whatever came of it. */
    void start() throws SQLException {
        try {
            exchange();
        } finally {
            Threads.repeat(thread, EVERY_MILLIS, this::tick);
        }
    }

    @Override
    public long allowance(String model) {
        return largest.getOrDefault(model, 0L);
    }

    @Override
    public void exceeded(String model, long inputTokens) {
        synchronized (lock) {
            unwritten.merge(model, new Learnt(inputTokens, 1), Learnt::and);
            publish(largest);
        }
    }

    /** Called under the lock: what is known is what was read and what was learnt since. */
    private void publish(Map<String, Long> read) {
        Map<String, Long> all = new HashMap<>(read);
        unwritten.forEach((model, learnt) -> all.merge(model, learnt.inputTokens(), Math::max));
        largest = Map.copyOf(all);
    }

    private boolean hasUnwritten() {
        synchronized (lock) {
            return !unwritten.isEmpty();
        }
    }

    private void tick() {
        try {
            exchange();
        } catch (SQLException e) {
            LOG.debug("PostgreSQL did not take or tell what was learnt of models; trying again", e);
        } catch (ConfigurationException e) {
            LOG.debug("the heartbeat says what is wrong with the database", e);
        } catch (RuntimeException e) {
            LOG.error("keeping what was learnt of models failed unexpectedly", e);
        }
    }

    private void exchange() throws SQLException {
        Map<String, Long> read = link.call(connection -> {
            readiness.check(connection);
            write(connection);
            return read(connection);
        });
        synchronized (lock) {
            publish(read);
        }
        readiness.bounded();
    }

    private void write(Connection connection) throws SQLException {
        Map<String, Learnt> taken;
        synchronized (lock) {
            if (unwritten.isEmpty()) {
                return;
            }
            taken = unwritten;
            unwritten = new HashMap<>();
        }
        ArrayNode items = LedgerJson.array();
        taken.forEach((model, learnt) -> items.addObject()
                .put("model", model)
                .put("input", learnt.inputTokens())
                .put("requests", learnt.requests()));
        try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.raise_model_bounds(?::jsonb)")) {
            statement.setString(1, LedgerJson.text(items));
            statement.execute();
        } catch (SQLException e) {
            synchronized (lock) {
                taken.forEach((model, learnt) -> unwritten.merge(model, learnt, Learnt::and));
            }
            throw e;
        }
    }

    private static Map<String, Long> read(Connection connection) throws SQLException {
        Map<String, Long> read = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT model, input_tokens FROM gateway.model_bounds()")) {
            while (rows.next()) {
                read.put(rows.getString(1), rows.getLong(2));
            }
        }
        return read;
    }

    /** Writes once more what is there; does not wait longer than 3 s. */
    @Override
    public void close() {
        thread.execute(() -> {
            if (hasUnwritten()) {
                tick();
            }
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(3, TimeUnit.SECONDS)) {
                LOG.warn("closed before PostgreSQL took what was learnt of models");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            thread.shutdownNow();
            link.close();
        }
    }
}
