package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.ConfigurationException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the audit log sealed every 5 seconds.
 *
 * <p>Every process asks for it; PostgreSQL lets one do it at a time, and no two within 5 seconds. So the one that seals is
 * elected anew for each seal, and nobody has to notice that another one died. Off the path of requests: what is admitted and
 * settled is read afterwards. Thread-safe.
 */
final class AuditSealer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditSealer.class);

    static final int EVERY_MILLIS = 5_000;

    private static final int ROWS = 10_000;
    private static final long SAY_HEAD_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long SAY_LATE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long LATE_MILLIS = 60_000;

    private final Link link;
    private final int everyMillis;
    private final Readiness readiness;
    private final @Nullable SealKey key;
    private final Counter seals;
    private final Counter failures;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Threads.named("gateway-audit-seal"));

    private volatile Behind behind = new Behind(0, System.nanoTime());

    /** Only the thread's. */
    private long headSaidAt = System.nanoTime() - SAY_HEAD_NANOS;

    private long lateSaidAt = System.nanoTime() - SAY_LATE_NANOS;

    /** @param key under which seals are signed, or null */
    AuditSealer(
            DatabaseSettings settings,
            int everyMillis,
            Readiness readiness,
            @Nullable SealKey key,
            MeterRegistry registry) {
        this.everyMillis = everyMillis;
        // A single transaction may have written very much, and is sealed as a whole.
        this.link = new Link(settings, 600_000, 5_000, 660);
        this.readiness = readiness;
        this.key = key;
        this.seals = Counter.builder("gateway.audit.seals")
                .description("Seals of the audit log that this process made")
                .register(registry);
        this.failures = Counter.builder("gateway.audit.seal.failures")
                .description("Times that the audit log could not be sealed")
                .register(registry);
        Gauge.builder("gateway.audit.seal.age", this, AuditSealer::ageSeconds)
                .description("Age of the oldest audit row that no seal may cover yet")
                .baseUnit("seconds")
                .register(registry);
    }

    /** @param at by {@link System#nanoTime} */
    private record Behind(long millis, long at) {}

    /**
     * What came of asking for a seal.
     *
     * @param number null if none was made
     * @param hash in hexadecimal, null if none was made
     */
    record Sealed(@Nullable Long number, @Nullable String hash, long rows, boolean complete, long behindMillis) {}

    void start() {
        Threads.repeat(thread, everyMillis, this::tick);
    }

    /** While PostgreSQL does not answer, it grows. */
    private double ageSeconds() {
        Behind last = behind;
        return last.millis() / 1e3 + (System.nanoTime() - last.at()) / 1e9;
    }

    private void tick() {
        try {
            Sealed sealed = link.call(connection -> seal(connection, everyMillis));
            while (!sealed.complete() && sealed.number() != null) {
                sealed = link.call(connection -> seal(connection, 0));
            }
        } catch (SQLException e) {
            failures.increment();
            LOG.debug("PostgreSQL did not seal the audit log; trying again", e);
            sayLate(e.getMessage());
            return;
        } catch (ConfigurationException e) {
            LOG.debug("the heartbeat says what is wrong with the database", e);
            return;
        } catch (RuntimeException e) {
            failures.increment();
            LOG.error("sealing the audit log failed unexpectedly", e);
            return;
        }
        sayLate(
                "a transaction that wrote something has been open all the time, here or in another database of the server");
    }

    private void sayLate(@Nullable String why) {
        if (ageSeconds() * 1e3 > LATE_MILLIS && System.nanoTime() - lateSaidAt >= SAY_LATE_NANOS) {
            lateSaidAt = System.nanoTime();
            LOG.error("audit rows have not been sealed for {} s: {}", Math.round(ageSeconds()), why);
        }
    }

    private Sealed seal(Connection connection, int notWithinMillis) throws SQLException {
        readiness.check(connection);
        Sealed sealed = seal(connection, notWithinMillis, ROWS, key);
        behind = new Behind(sealed.behindMillis(), System.nanoTime());
        Long number = sealed.number();
        String hash = sealed.hash();
        if (number != null && hash != null) {
            seals.increment();
            if (System.nanoTime() - headSaidAt >= SAY_HEAD_NANOS) {
                headSaidAt = System.nanoTime();
                // Wherever logs are kept, whoever rewrites the database cannot rewrite this.
                LOG.info("audit head {}:{}", number, hash);
            }
        }
        return sealed;
    }

    /** In one transaction, so that there is no seal without its signature. */
    static Sealed seal(Connection connection, int everyMillis, int rows, @Nullable SealKey key) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Sealed sealed = seal(connection, everyMillis, rows);
            Long number = sealed.number();
            String hash = sealed.hash();
            if (key != null && number != null && hash != null) {
                sign(connection, key, number, hash);
            }
            connection.commit();
            return sealed;
        } finally {
            // Where it did not come to the commit, this undoes it.
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static Sealed seal(Connection connection, int everyMillis, int rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT number, encode(hash, 'hex'), covered, complete, behind_ms FROM gateway.seal(?, ?)")) {
            statement.setInt(1, everyMillis);
            statement.setInt(2, rows);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Sealed(
                        row.getObject(1, Long.class),
                        row.getString(2),
                        row.getLong(3),
                        row.getBoolean(4),
                        row.getLong(5));
            }
        }
    }

    private static void sign(Connection connection, SealKey key, long number, String hash) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.sign_seal(?, ?, ?)")) {
            statement.setLong(1, number);
            statement.setString(2, key.id());
            statement.setBytes(3, key.sign(number, hash));
            statement.execute();
        }
    }

    /** What is not sealed by now is sealed by another process, or at the next start. */
    @Override
    public void close() {
        thread.shutdownNow();
        link.close();
    }
}
