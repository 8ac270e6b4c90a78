package ai.neuronetz.gateway.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.identity.StoredKey;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A migrated database of its own, in one PostgreSQL for all tests of this package. */
final class TestDatabase implements AutoCloseable {

    static final String APP_PASSWORD = "it's \"app\" \\ päss";
    static final String CLI_PASSWORD = "cli$$pass";

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;

    private final int port;
    private final String name;

    private TestDatabase(int port, String name) {
        this.port = port;
        this.name = name;
    }

    static TestDatabase empty() throws SQLException {
        TestDatabase database = new TestDatabase(server().getPort(), "gateway_" + NUMBER.incrementAndGet());
        try (Connection connection = server().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + database.name);
        }
        return database;
    }

    static TestDatabase migrated() throws SQLException {
        TestDatabase database = empty();
        Migration.migrate(database.administrator(), APP_PASSWORD, CLI_PASSWORD);
        return database;
    }

    static synchronized EmbeddedPostgres server() {
        EmbeddedPostgres running = server;
        if (running == null) {
            try {
                running = EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            server = running;
        }
        return running;
    }

    DatabaseSettings administrator() {
        return DatabaseSettings.parse("postgresql://postgres:postgres@localhost:" + port + "/" + name);
    }

    DatabaseSettings app() {
        return administrator().withUser("gateway_app").withPassword(APP_PASSWORD);
    }

    DatabaseSettings cli() {
        return administrator().withUser("gateway_cli").withPassword(CLI_PASSWORD);
    }

    PostgresStores stores() {
        return PostgresStores.open(app(), new SimpleMeterRegistry());
    }

    Administration administration() {
        return PostgresAdministration.connect(cli());
    }

    Connection connect(DatabaseSettings as) throws SQLException {
        return DriverManager.getConnection(as.jdbcUrl(), as.properties(0));
    }

    /** The first column of the first row, as the administrator. */
    String value(String sql) throws SQLException {
        try (Connection connection = connect(administrator());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getObject(1)) : "nothing";
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect(administrator());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static KeyId createKey(Administration administration, String tenant) {
        byte[] code = new byte[32];
        ThreadLocalRandom.current().nextBytes(code);
        KeyId key = new KeyId(UUID.randomUUID().toString().replace("-", "").substring(0, 12));
        administration.createKey(tenant, key, "a key", code, "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", null);
        return key;
    }

    static Principal principal(PostgresStores stores, KeyId key) {
        return stores.keyStore().find(key).map(StoredKey::principal).orElseThrow();
    }

    static Admission admission(Principal principal, long epoch, long input, long output) {
        return new Admission(requestId(), principal, epoch, "/api/chat", "llama3:8b", input, output);
    }

    /** A UUID of version 7, of now. */
    static UUID requestId() {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        bytes.putLong(System.currentTimeMillis() << 16
                | 0x7000
                | ThreadLocalRandom.current().nextInt(0x1000));
        bytes.putLong(ThreadLocalRandom.current().nextLong() >>> 2 | 0x8000000000000000L);
        bytes.flip();
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    static void eventually(BooleanSupplier condition) throws InterruptedException {
        eventually(Duration.ofSeconds(10), condition);
    }

    static void eventually(Duration atMost, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("time is up").isNegative();
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    /** Freezes every process of the server; what it was sent stays in its sockets. */
    static List<Long> freeze() throws Exception {
        long postmaster = Long.parseLong(selectPid());
        List<Long> frozen = new ArrayList<>();
        frozen.add(postmaster);
        ProcessHandle.of(postmaster).orElseThrow().descendants().forEach(child -> frozen.add(child.pid()));
        signal("-STOP", frozen);
        return frozen;
    }

    static void thaw(List<Long> frozen) throws Exception {
        signal("-CONT", frozen);
    }

    private static String selectPid() throws SQLException {
        try (Connection connection = server().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT (regexp_split_to_array(" + "pg_read_file('postmaster.pid'), E'\\n'))[1]")) {
            row.next();
            return row.getString(1);
        }
    }

    private static void signal(String signal, List<Long> pids) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        new ProcessBuilder(command).start().waitFor();
    }

    @Override
    public void close() throws SQLException {
        try (Connection connection = server().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        }
    }
}
