package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.identity.KeyId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks twice a second which keys have changed, so that running streams of a revoked key are cut within a second.
 *
 * <p>Only a convenience for what is already running or cached: that nothing is admitted on old terms is the ledger's doing.
 * Changes made during an outage are reported after it. Thread-safe.
 */
final class KeyWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyWatch.class);

    private static final long EVERY_MILLIS = 500;
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Link link;
    private final Readiness readiness;
    private final List<Consumer<KeyChange>> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Threads.named("gateway-key-watch"));
    private @Nullable Long revision;
    private volatile @Nullable Long askedAt;

    KeyWatch(DatabaseSettings settings, Readiness readiness) {
        this.link = new Link(settings, 1_000, 1_000, 2);
        this.readiness = readiness;
    }

    /** Remembers where following begins, and goes on in the background whatever came of it. */
    void start() throws SQLException {
        try {
            ask();
        } finally {
            Threads.repeat(thread, EVERY_MILLIS, this::tick);
        }
    }

    void listen(Consumer<KeyChange> listener) {
        listeners.add(listener);
    }

    /** Whether the last answer is less than 2 seconds old. */
    boolean fresh() {
        Long at = askedAt;
        return at != null && System.nanoTime() - at < FRESH_NANOS;
    }

    private void tick() {
        try {
            ask();
        } catch (SQLException e) {
            LOG.debug("PostgreSQL did not say which keys changed", e);
        } catch (RuntimeException e) {
            LOG.error("following the keys failed unexpectedly", e);
        }
    }

    private void ask() throws SQLException {
        long begin = System.nanoTime();
        List<KeyChange> changes = link.call(connection -> {
            readiness.check(connection);
            if (revision == null) {
                revision = current(connection);
                readiness.following();
                return List.<KeyChange>of();
            }
            return changes(connection, revision);
        });
        askedAt = begin;
        for (KeyChange change : changes) {
            for (Consumer<KeyChange> listener : listeners) {
                try {
                    listener.accept(change);
                } catch (RuntimeException e) {
                    LOG.error("a listener for key changes failed", e);
                }
            }
        }
    }

    private static long current(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT gateway.current_revision()")) {
            row.next();
            return row.getLong(1);
        }
    }

    private List<KeyChange> changes(Connection connection, long since) throws SQLException {
        Map<String, KeyChange> changes = new LinkedHashMap<>();
        long last = since;
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.key_changes(?)")) {
            statement.setLong(1, since);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String key = rows.getString("key_id");
                    changes.put(key, new KeyChange(new KeyId(key), rows.getBoolean("usable")));
                    last = Math.max(last, rows.getLong("revision"));
                }
            }
        }
        revision = last;
        return new ArrayList<>(changes.values());
    }

    @Override
    public void close() {
        thread.shutdownNow();
        link.close();
    }
}
