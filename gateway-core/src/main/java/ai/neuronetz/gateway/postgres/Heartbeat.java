package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.ConfigurationException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the ledger every 2 seconds that this instance lives, and settles what dead instances left open.
 *
 * <p>An instance that was declared dead stays so; its open requests were charged in full. This one then cuts what it has open
 * and goes on under a new name, so that a gateway that was frozen, or cut off, recovers by itself. It does not wait to be
 * told: what is still open after 13 silent seconds is cut, since others may declare it dead after 15. Thread-safe.
 */
final class Heartbeat implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private static final long EVERY_MILLIS = 2_000;
    private static final long REAP_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long MAINTAIN_EVERY_NANOS = TimeUnit.HOURS.toNanos(6);
    private static final int DEAD_MILLIS = 15_000;

    /** By this process' own monotone clock; less than {@link #DEAD_MILLIS}, so that nobody admits after being declared dead. */
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Less than {@link #DEAD_MILLIS} too: nothing may still run when others stop counting it. */
    private static final long CUT_NANOS = TimeUnit.SECONDS.toNanos(13);

    private static final long WATCH_EVERY_MILLIS = 250;

    private final Link link;
    private final Readiness readiness;
    private final Counter reaped;
    private final Counter fenced;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Threads.named("gateway-ledger-heartbeat"));

    /** Its own thread, because the other one may hang in a call. */
    private final ScheduledExecutorService watchdog =
            Executors.newSingleThreadScheduledExecutor(Threads.named("gateway-ledger-watchdog"));

    private volatile String instance = UUID.randomUUID().toString();
    private volatile @Nullable Long heardAt;

    /** The last beat that was heard, also of an instance that is dead by now; null after it was acted upon. */
    private final AtomicReference<@Nullable Beat> alive = new AtomicReference<>();

    private long reapedAt = System.nanoTime();
    private @Nullable Long maintainedAt;

    Heartbeat(DatabaseSettings settings, Readiness readiness, MeterRegistry registry) {
        this.link = new Link(settings, 1_500, 1_500, 2);
        this.readiness = readiness;
        this.reaped = Counter.builder("gateway.ledger.reaped")
                .description("Requests of dead instances that were charged in full")
                .register(registry);
        this.fenced = Counter.builder("gateway.ledger.fenced")
                .description("Times that this process cut what it had open, because it was or might be taken for dead")
                .register(registry);
    }

    /** @param listener told when what is open has to be cut */
    void listen(Runnable listener) {
        listeners.add(listener);
    }

    /** Beats once, at once, and goes on in the background whatever came of it. */
    void start() throws SQLException {
        try {
            link.call(this::beat);
        } finally {
            Threads.repeat(thread, EVERY_MILLIS, this::tick);
            Threads.repeat(watchdog, WATCH_EVERY_MILLIS, this::watch);
        }
    }

    /** The name under which this process admits now. */
    String instance() {
        return instance;
    }

    /** Whether the ledger has heard this instance less than 10 seconds ago. */
    boolean heard() {
        Long at = heardAt;
        return at != null && System.nanoTime() - at < SILENT_NANOS;
    }

    private void tick() {
        try {
            link.call(this::beat);
            if (System.nanoTime() - reapedAt >= REAP_EVERY_NANOS) {
                reapedAt = System.nanoTime();
                link.call(this::reap);
            }
            if (maintainedAt == null || System.nanoTime() - maintainedAt >= MAINTAIN_EVERY_NANOS) {
                link.call(Heartbeat::maintain);
                maintainedAt = System.nanoTime();
            }
        } catch (SQLException e) {
            LOG.warn("PostgreSQL does not take heartbeats: {}", e.getMessage());
        } catch (ConfigurationException e) {
            LOG.error("{}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the heartbeat failed unexpectedly", e);
        }
    }

    /** @param at by {@link System#nanoTime} */
    private record Beat(long at) {}

    private void watch() {
        Beat last = alive.get();
        if (last != null && System.nanoTime() - last.at() >= CUT_NANOS && alive.compareAndSet(last, null)) {
            LOG.warn("PostgreSQL has not heard this instance for 13 seconds and may soon take it for dead");
            cut();
        }
    }

    private void cut() {
        fenced.increment();
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.error("what is open could not be cut", e);
            }
        }
    }

    private boolean beat(Connection connection) throws SQLException {
        readiness.check(connection);
        long begin = System.nanoTime();
        if (!heartbeat(connection, instance)) {
            heardAt = null;
            LOG.warn("this instance was declared dead; what it had open was charged in full");
            cut();
            instance = UUID.randomUUID().toString();
            heartbeat(connection, instance);
        }
        // When it was sent, not when it was answered: the ledger may have heard it any time between.
        heardAt = begin;
        alive.set(new Beat(begin));
        return true;
    }

    private static boolean heartbeat(Connection connection, String instance) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.heartbeat(?)")) {
            statement.setString(1, instance);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private int reap(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.reap(?, ?)")) {
            statement.setString(1, instance);
            statement.setInt(2, DEAD_MILLIS);
            try (ResultSet row = statement.executeQuery()) {
                int settled = row.next() ? row.getInt(1) : 0;
                if (settled > 0) {
                    reaped.increment(settled);
                    LOG.warn("charged in full {} requests that nobody settled", settled);
                }
                return settled;
            }
        }
    }

    private static boolean maintain(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.maintain()")) {
            return statement.execute();
        }
    }

    /** Says that nothing more comes; does not wait longer than 3 s. */
    @Override
    public void close() {
        watchdog.shutdownNow();
        thread.shutdown();
        try {
            if (thread.awaitTermination(3, TimeUnit.SECONDS) && heard()) {
                link.call(connection -> {
                    try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.stop_instance(?)")) {
                        statement.setString(1, instance);
                        return statement.execute();
                    }
                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.warn("PostgreSQL could not be told that this instance stops: {}", e.getMessage());
        } finally {
            heardAt = null;
            thread.shutdownNow();
            link.close();
        }
    }
}
