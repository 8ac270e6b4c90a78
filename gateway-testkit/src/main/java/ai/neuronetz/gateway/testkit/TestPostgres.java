package ai.neuronetz.gateway.testkit;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL for tests: a 17 on 127.0.0.1 of the testkit's own, with password authentication and 300 connections, or one
 * that is there already.
 *
 * <p>{@link #shared()} is one server for the whole JVM: take a {@link #createDatabase() database} of your own from it.
 * {@link #start()} is a server of your own, to be paused, stopped and restarted; {@link #at} is somebody else's. As root
 * the testkit runs PostgreSQL, which refuses root, in a user namespace or, where these are not allowed, as {@code nobody}.
 * Thread-safe; starting takes about a second. The testkit's own run on Linux and macOS only.
 */
public final class TestPostgres implements AutoCloseable {

    private static final String MARK = "made by gateway-testkit";

    private final TestDatabase admin;
    private final @Nullable PostgresNode node;
    private final boolean shared;

    private TestPostgres(TestDatabase admin, @Nullable PostgresNode node, boolean shared) {
        this.admin = admin;
        this.node = node;
        this.shared = shared;
    }

    /** The server of this JVM, started at the first call; it does not sync to disk. */
    public static TestPostgres shared() {
        return Shared.SERVER;
    }

    /** Starts a server that does not sync to disk: it survives {@link #stop()}, not a crash of the machine. */
    public static TestPostgres start() {
        return start(false);
    }

    /** Starts a server; {@code fsync} as PostgreSQL's setting of that name. */
    public static TestPostgres start(boolean fsync) {
        return launch(fsync, false);
    }

    /** Starts a server that does not sync to disk, with settings of its own, each {@code name=value}. */
    public static TestPostgres start(List<String> settings) {
        PostgresNode node = new PostgresNode(settings);
        return new TestPostgres(node.admin(), node, false);
    }

    /**
     * Copies the data of the stopped server to another one, which is not started yet, and starts this one again.
     *
     * @return to be started with {@link #recover} or {@link #restart}, on a port of its own, and closed by the caller
     */
    public TestPostgres copy() {
        PostgresNode copy = own().copy();
        return new TestPostgres(copy.admin(), copy, false);
    }

    /** Starts on what was copied, and takes all that was archived since then into it; returns when it is all there. */
    public void recover(String restoreCommand) {
        own().recover(restoreCommand);
    }

    /** What belongs to this server alone, and goes with it: its data in {@code data}, and what a test puts beside. */
    public Path directory() {
        return own().directory();
    }

    /**
     * A server that runs already and is for tests only: databases are created on it, and the gateway's roles, whose passwords
     * are changed. It cannot be stopped from here.
     *
     * @param url {@code postgresql://user:password@host:port/database}, percent-encoded, of a superuser
     * @throws IllegalArgumentException if it is of another form; the message does not quote it
     */
    public static TestPostgres at(String url) {
        return new TestPostgres(TestDatabase.parse(url), null, false);
    }

    private static TestPostgres launch(boolean fsync, boolean shared) {
        PostgresNode node = new PostgresNode(fsync);
        return new TestPostgres(node.admin(), node, shared);
    }

    /**
     * Creates an empty database with a random name.
     *
     * @throws IllegalStateException if that cannot be done, or the server is {@linkplain #at another's} and has a gateway on it
     *     that is not the testkit's
     */
    public TestDatabase createDatabase() {
        String name = "test_" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection = admin.connect();
                Statement statement = connection.createStatement()) {
            if (node == null) {
                claim(statement);
            }
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "cannot create a database at " + host() + ":" + port() + "; it has to let a superuser in", e);
        }
        return new TestDatabase(host(), port(), name, admin.adminUser(), admin.adminPassword());
    }

    /** Whether what is created stays when this JVM ends. */
    boolean outlivesTests() {
        return node == null;
    }

    void drop(TestDatabase database) {
        try (Connection connection = admin.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + database.name() + " WITH (FORCE)");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot drop database " + database.name(), e);
        }
    }

    /** Migrating would change the password that somebody else's gateway logs in with. */
    private void claim(Statement statement) throws SQLException {
        statement.execute("SELECT pg_advisory_lock(7233, 1)");
        try (ResultSet role = statement.executeQuery(
                "SELECT shobj_description(oid, 'pg_authid') FROM pg_catalog.pg_roles WHERE rolname = 'gateway_app'")) {
            if (!role.next()) {
                statement.execute("CREATE ROLE gateway_app NOLOGIN");
                statement.execute("COMMENT ON ROLE gateway_app IS '" + MARK + "'");
            } else if (!MARK.equals(role.getString(1))) {
                throw new IllegalStateException(
                        "the PostgreSQL at " + host() + ":" + port() + " has a role gateway_app that the"
                                + " testkit did not make and whose password it would change: give it a server that is for tests only");
            }
        }
        statement.execute("SELECT pg_advisory_unlock(7233, 1)");
    }

    public String host() {
        return admin.host();
    }

    /** The port, the same before and after {@link #restart()}. */
    public int port() {
        return admin.port();
    }

    /** Freezes all its processes (SIGSTOP): connections stay open, nothing is answered, new ones hang. */
    public void pause() {
        own().pause();
    }

    /** Undoes {@link #pause()}. */
    public void resume() {
        own().resume();
    }

    /** Stops at once, as an immediate shutdown does: connections break, transactions in progress are lost. */
    public void stop() {
        own().stop();
    }

    /** Starts again on the same port and data, after {@link #stop()} if it still runs; returns when it answers. */
    public void restart() {
        own().restart();
    }

    /** Stops the server and deletes its data. Does nothing on the {@link #shared()} one, nor on one that it did not start. */
    @Override
    public void close() {
        if (node != null && !shared) {
            node.close();
        }
    }

    private PostgresNode own() {
        if (node == null) {
            throw new IllegalStateException(
                    "this PostgreSQL was not started by the testkit, which therefore leaves it alone");
        }
        return node;
    }

    private static final class Shared {
        static final TestPostgres SERVER = TestPostgres.launch(false, true);
    }
}
