package ai.neuronetz.gateway.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL, from binaries in the package registry. Works as root and as an ordinary user.
 *
 * <p>Thread-safe. The shared one stops with the JVM; one of the test's own is stopped by closing it.
 */
public final class TestPostgres implements AutoCloseable {

    private static final String ADMIN = "postgres";

    private static @Nullable TestPostgres shared;

    private final Path folder;
    private final boolean durable;
    private EmbeddedPostgres server;
    private final int port;

    private TestPostgres(Path folder, boolean durable, int port) {
        this.folder = folder;
        this.durable = durable;
        this.server = launch(port);
        this.port = server.getPort();
    }

    /** The one that all tests of this JVM share; each takes a database of its own. */
    public static synchronized TestPostgres shared() {
        if (shared == null) {
            shared = start();
            Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
        }
        return shared;
    }

    /** One that the test may stop. Does not wait for the disk. */
    public static TestPostgres start() {
        return new TestPostgres(ServerProcess.newFolder("postgres"), false, 0);
    }

    /** One that waits for the disk at each commit, as a real one must. */
    public static TestPostgres startDurable() {
        return new TestPostgres(ServerProcess.newFolder("postgres"), true, 0);
    }

    private EmbeddedPostgres launch(int onPort) {
        try {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setDataDirectory(folder.resolve("data"))
                    .setOverrideWorkingDirectory(folder.resolve("bin").toFile())
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setServerConfig("max_connections", "300")
                    .setServerConfig("fsync", durable ? "on" : "off")
                    .setServerConfig("synchronous_commit", durable ? "on" : "off")
                    .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                    .setErrorRedirector(ProcessBuilder.Redirect.DISCARD);
            return (onPort == 0 ? builder : builder.setPort(onPort)).start();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL did not start in " + folder, e);
        }
    }

    public int port() {
        return port;
    }

    /** A fresh, empty database. */
    public TestDatabase createDatabase() {
        String name = "test_" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
        execute("CREATE DATABASE " + name);
        return new TestDatabase(name);
    }

    private void execute(String sql) {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", ADMIN, ADMIN);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Freezes the server: connections stay open and nothing is answered. */
    public synchronized void pause() {
        ServerProcess.signal("STOP", postmaster());
    }

    /** Ends {@link #pause}. */
    public synchronized void resume() {
        ServerProcess.signal("CONT", postmaster());
    }

    /** Stops the server at once, as a crash would; {@link #restart} brings it back with what was committed. */
    public synchronized void stop() {
        ProcessHandle postmaster = postmaster();
        ServerProcess.signal("QUIT", postmaster);
        postmaster.onExit().join();
    }

    /** Starts the server again, on the same port and with the same data. */
    public synchronized void restart() {
        server = launch(port);
    }

    private ProcessHandle postmaster() {
        try {
            String pid =
                    Files.readAllLines(folder.resolve("data/postmaster.pid")).get(0);
            return ServerProcess.require(Long.parseLong(pid.strip()));
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL in " + folder + " does not run", e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            if (Files.exists(folder.resolve("data/postmaster.pid"))) {
                ServerProcess.signal("CONT", postmaster());
                server.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL in " + folder + " did not stop", e);
        } finally {
            ServerProcess.delete(folder);
        }
    }

    /** A database of one test. */
    public final class TestDatabase implements AutoCloseable {

        private final String name;

        private TestDatabase(String name) {
            this.name = name;
        }

        public String name() {
            return name;
        }

        /** The URL for a superuser. */
        public String adminUrl() {
            return url(ADMIN, ADMIN);
        }

        /** The URL for a role, as {@code postgresql://user:password@host:port/database}. */
        public String url(String user, String password) {
            return "postgresql://" + user + ":" + password + "@127.0.0.1:" + port + "/" + name;
        }

        /** A connection for a role. */
        public Connection connect(String user, String password) throws SQLException {
            return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + name, user, password);
        }

        /** A connection for a superuser. */
        public Connection connect() throws SQLException {
            return connect(ADMIN, ADMIN);
        }

        /** Drops the database, whoever is connected. */
        @Override
        public void close() {
            try {
                execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            } catch (IllegalStateException e) {
                // The server is stopped or its process gone; the database goes with its folder.
                return;
            }
        }
    }
}
