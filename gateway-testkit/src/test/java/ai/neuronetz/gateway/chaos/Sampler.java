package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks at PostgreSQL ten times a second, past all proxies. A look that fails because PostgreSQL is down is counted as missed. */
final class Sampler implements AutoCloseable {

    /**
     * What was seen.
     *
     * @param most by budget account of the period {@code total}: the most of reserved + spent + overrun
     * @param silent by instance: the last heartbeat before it was silent for longer than the dead time
     */
    record Samples(int taken, int missed, Map<String, Long> most, Map<String, Instant> silent) {}

    private static final String ACCOUNTS =
            "SELECT account, reserved + spent + overrun FROM gateway.budget_account WHERE period = 'total'";
    private static final String SILENT = "SELECT instance_id, heartbeat_at FROM gateway.gateway_instance"
            + " WHERE heartbeat_at < clock_timestamp() - interval '15 s'";

    private final String url;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread sampler = new Thread(task, "sampler");
        sampler.setDaemon(true);
        return sampler;
    });
    private final Map<String, Long> most = new HashMap<>();
    private final Map<String, Instant> silent = new HashMap<>();
    private int taken;
    private int missed;
    private @Nullable Connection connection;

    private Sampler(TestDatabase database) {
        this.url = database.jdbcUrl() + "&connectTimeout=1&socketTimeout=1";
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    static Sampler start(TestDatabase database) {
        Sampler sampler = new Sampler(database);
        sampler.thread.scheduleWithFixedDelay(sampler::sample, 0, 100, TimeUnit.MILLISECONDS);
        return sampler;
    }

    synchronized Samples samples() {
        return new Samples(taken, missed, Map.copyOf(most), Map.copyOf(silent));
    }

    private void sample() {
        Map<String, Long> used = new HashMap<>();
        Map<String, Instant> unheard = new HashMap<>();
        boolean seen = look(used, unheard);
        synchronized (this) {
            if (!seen) {
                missed++;
                return;
            }
            taken++;
            used.forEach((account, tokens) -> most.merge(account, tokens, Math::max));
            silent.putAll(unheard);
        }
    }

    private boolean look(Map<String, Long> used, Map<String, Instant> unheard) {
        try {
            Connection open = connection == null ? DriverManager.getConnection(url) : connection;
            connection = open;
            try (Statement statement = open.createStatement()) {
                try (ResultSet row = statement.executeQuery(ACCOUNTS)) {
                    while (row.next()) {
                        used.put(row.getString(1), row.getLong(2));
                    }
                }
                try (ResultSet row = statement.executeQuery(SILENT)) {
                    while (row.next()) {
                        unheard.put(
                                row.getString(1),
                                row.getObject(2, OffsetDateTime.class).toInstant());
                    }
                }
            }
            return true;
        } catch (SQLException e) {
            drop();
            return false;
        }
    }

    private void drop() {
        Connection broken = connection;
        connection = null;
        try {
            if (broken != null) {
                broken.close();
            }
        } catch (SQLException e) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the sampler hangs");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        drop();
    }
}
