package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL 17 on 127.0.0.1 for tests, with password authentication and 300 connections.
 *
 * <p>{@link #shared()} is one server for the whole JVM: take a {@link #createDatabase() database} of your own from it.
 * {@link #start()} is a server of your own, to be paused, stopped and restarted. As root it runs PostgreSQL, which
 * refuses root, in a user namespace or, where these are not allowed, as {@code nobody}. Thread-safe; starting takes
 * about a second. Linux and macOS only.
 */
public final class TestPostgres implements AutoCloseable {
    private static final String ADMIN = "postgres";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final ScratchDirectory scratch;
    private final List<String> prefix;
    private final String adminPassword = randomName();
    private final boolean fsync;
    private final boolean shared;
    private final int port;
    private final Thread hook;

    // Guarded by this.
    private @Nullable ServerProcess server;
    private boolean closed;

    private TestPostgres(boolean fsync, boolean shared) {
        this.fsync = fsync;
        this.shared = shared;
        this.scratch = ScratchDirectory.create("postgres");
        this.port = ServerProcess.freePort();
        this.hook = new Thread(this::release, "test-postgres-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            this.prefix = unprivileged(scratch.path());
            initialize();
            launch();
        } catch (RuntimeException e) {
            release();
            throw e;
        }
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
        return new TestPostgres(fsync, false);
    }

    /** Creates an empty database with a random name. */
    public TestDatabase createDatabase() {
        String name = "test_" + randomName();
        TestDatabase admin = new TestDatabase(host(), port, ADMIN, ADMIN, adminPassword);
        try (Connection connection = admin.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create database " + name, e);
        }
        return new TestDatabase(host(), port, name, ADMIN, adminPassword);
    }

    public String host() {
        return "127.0.0.1";
    }

    /** The port, the same before and after {@link #restart()}. */
    public int port() {
        return port;
    }

    /** Freezes all its processes (SIGSTOP): connections stay open, nothing is answered, new ones hang. */
    public synchronized void pause() {
        running().pause();
    }

    /** Undoes {@link #pause()}. */
    public synchronized void resume() {
        running().resume();
    }

    /** Stops at once, as an immediate shutdown does: connections break, transactions in progress are lost. */
    public synchronized void stop() {
        if (server != null) {
            server.stop();
            server = null;
        }
    }

    /** Starts again on the same port and data, after {@link #stop()} if it still runs; returns when it answers. */
    public synchronized void restart() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        stop();
        launch();
    }

    /** Stops the server and deletes its data. Does nothing on the {@link #shared()} one, which ends with the JVM. */
    @Override
    public void close() {
        if (!shared) {
            release();
            removeHook();
        }
    }

    private synchronized void release() {
        if (!closed) {
            closed = true;
            stop();
            scratch.close();
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and finds nothing left to do.
        }
    }

    private void initialize() {
        Path password = scratch.path().resolve("password");
        try {
            Files.writeString(password, adminPassword);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = program("initdb");
        command.addAll(List.of("-D", data(), "-U", ADMIN, "--pwfile=" + password, "-A", "scram-sha-256"));
        command.addAll(List.of("-E", "UTF8", "--locale=C", "--no-sync"));
        ServerProcess.run(command);
    }

    private void launch() {
        List<String> command = program("postgres");
        command.addAll(List.of("-D", data(), "-h", host(), "-p", Integer.toString(port)));
        List<String> settings = new ArrayList<>(List.of(
                "unix_socket_directories=",
                "max_connections=300",
                "shared_buffers=64MB",
                "timezone=UTC",
                "fsync=" + (fsync ? "on" : "off")));
        if (!fsync) {
            settings.add("full_page_writes=off");
        }
        settings.forEach(setting -> command.addAll(List.of("-c", setting)));
        ServerProcess started = ServerProcess.start(command, "QUIT", scratch);
        server = started;
        awaitAnswer(started);
    }

    private void awaitAnswer(ServerProcess started) {
        TestDatabase admin = new TestDatabase(host(), port, ADMIN, ADMIN, adminPassword);
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try (Connection connection = admin.connect()) {
                if (connection.isValid(5)) {
                    return;
                }
            } catch (SQLException e) {
                if (started.exitedWithin(Duration.ofMillis(20)) || System.nanoTime() > deadline) {
                    throw new IllegalStateException("PostgreSQL did not start: " + started.log(), e);
                }
            }
        }
    }

    private ServerProcess running() {
        if (server == null) {
            throw new IllegalStateException("stopped");
        }
        return server;
    }

    private List<String> program(String name) {
        List<String> command = new ArrayList<>(prefix);
        command.add(ServerPrograms.postgres().resolve(name).toString());
        return command;
    }

    private String data() {
        return scratch.path().resolve("data").toString();
    }

    private static List<String> unprivileged(Path scratch) {
        if (!ServerProcess.run(List.of("id", "-u")).strip().equals("0")) {
            return List.of();
        }
        try {
            ServerProcess.run(List.of("unshare", "-U", "true"));
            return List.of("unshare", "-U");
        } catch (IllegalStateException | UncheckedIOException e) {
            ServerProcess.run(List.of("chown", "65534:65534", scratch.toString()));
            return List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        }
    }

    private static String randomName() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    private static final class Shared {
        static final TestPostgres SERVER = new TestPostgres(false, true);
    }
}
