package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL on 127.0.0.1, on the same port through stops and starts, with a directory of its own.
 *
 * <p>Thread-safe. Ends with the JVM at the latest.
 */
final class PostgresNode implements AutoCloseable {
    private static final String ADMIN = "postgres";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final ScratchDirectory scratch;
    private final List<String> prefix;
    private final String adminPassword;
    private final boolean fsync;
    private final int port;
    private final Thread hook;

    // Guarded by this.
    private @Nullable ServerProcess server;
    private boolean closed;
    private List<String> ownSettings;

    /** @param fsync as PostgreSQL's setting of that name */
    PostgresNode(boolean fsync) {
        this(fsync, List.of());
    }

    /** Does not sync to disk. */
    PostgresNode(List<String> ownSettings) {
        this(false, ownSettings);
    }

    private PostgresNode(boolean fsync, List<String> ownSettings) {
        this(fsync, ownSettings, UUID.randomUUID().toString());
        try {
            initialize();
            launch();
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    /** Not started, and without data yet. */
    private PostgresNode(boolean fsync, List<String> ownSettings, String adminPassword) {
        this.adminPassword = adminPassword;
        this.ownSettings = List.copyOf(ownSettings);
        this.fsync = fsync;
        this.scratch = ScratchDirectory.create("postgres");
        this.port = ServerProcess.freePort();
        this.hook = new Thread(this::release, "test-postgres-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            this.prefix = unprivileged(scratch.path());
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    /** The database that every server has, for its superuser. */
    TestDatabase admin() {
        return new TestDatabase("127.0.0.1", port, ADMIN, ADMIN, adminPassword);
    }

    synchronized void pause() {
        running().pause();
    }

    synchronized void resume() {
        running().resume();
    }

    synchronized void stop() {
        if (server != null) {
            server.stop();
            server = null;
        }
    }

    synchronized void restart() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        stop();
        launch();
    }

    /** See {@link TestPostgres#copy}. */
    synchronized PostgresNode copy() {
        if (server != null) {
            throw new IllegalStateException("running: stop it first, so that its files do not change meanwhile");
        }
        PostgresNode copy = new PostgresNode(fsync, List.of(), adminPassword);
        try {
            ServerProcess.run(List.of("cp", "-a", data(), copy.data()));
            launch();
            return copy;
        } catch (RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /** See {@link TestPostgres#recover}. */
    synchronized void recover(String restoreCommand) {
        List<String> signal = new ArrayList<>(prefix);
        signal.addAll(List.of("touch", data() + "/recovery.signal"));
        ServerProcess.run(signal);
        ownSettings = List.of("restore_command=" + restoreCommand, "hot_standby=off");
        launch();
    }

    Path directory() {
        return scratch.path();
    }

    @Override
    public void close() {
        release();
        removeHook();
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
        // Not scram-sha-256: thousands of hashes for each connection, which on two cores was a third of what tests did.
        command.addAll(List.of("-D", data(), "-U", ADMIN, "--pwfile=" + password, "-A", "password"));
        command.addAll(List.of("-E", "UTF8", "--locale=C", "--no-sync"));
        ServerProcess.run(command);
    }

    private void launch() {
        List<String> command = program("postgres");
        command.addAll(List.of("-D", data(), "-h", "127.0.0.1", "-p", Integer.toString(port)));
        List<String> settings = new ArrayList<>(List.of(
                "unix_socket_directories=",
                "max_connections=300",
                "shared_buffers=64MB",
                "timezone=UTC",
                "fsync=" + (fsync ? "on" : "off")));
        if (!fsync) {
            settings.add("full_page_writes=off");
        }
        settings.addAll(ownSettings);
        settings.forEach(setting -> command.addAll(List.of("-c", setting)));
        ServerProcess started = ServerProcess.start(command, "QUIT", scratch);
        server = started;
        awaitAnswer(started);
    }

    private void awaitAnswer(ServerProcess started) {
        TestDatabase admin = admin();
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
}
