package ai.neuronetz.gateway.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.identity.StoredKey;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.testkit.TestDatabase;
import ai.neuronetz.gateway.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A database with the gateway's schema, and its roles. */
final class LedgerDatabase implements AutoCloseable {

    static final String APP_PASSWORD = "it's \"app\" \\ päss";
    static final String CLI_PASSWORD = "cli$$pass";

    private final TestDatabase database;

    private LedgerDatabase(TestDatabase database) {
        this.database = database;
    }

    static LedgerDatabase empty() {
        return new LedgerDatabase(TestPostgres.shared().createDatabase());
    }

    /** In a server of its own, for tests that freeze it. */
    static LedgerDatabase migratedIn(TestPostgres server) {
        LedgerDatabase ledger = new LedgerDatabase(server.createDatabase());
        Migration.migrate(ledger.administrator(), APP_PASSWORD, CLI_PASSWORD);
        return ledger;
    }

    static LedgerDatabase migrated() {
        LedgerDatabase database = empty();
        Migration.migrate(database.administrator(), APP_PASSWORD, CLI_PASSWORD);
        return database;
    }

    /** The same one in a copy of its server. */
    LedgerDatabase in(TestPostgres copy) {
        return new LedgerDatabase(new TestDatabase(
                copy.host(), copy.port(), database.name(), database.adminUser(), database.adminPassword()));
    }

    DatabaseSettings administrator() {
        return DatabaseSettings.parse(database.url());
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

    boolean holds(String sql) {
        try {
            return value(sql).equals("true");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect(administrator());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Seals all that was recorded, as a gateway would. */
    void seal() throws SQLException {
        seal(10_000, null);
    }

    void seal(int rows, @Nullable SealKey key) throws SQLException {
        try (Connection connection = connect(app())) {
            // A transaction elsewhere on the server may have to end first.
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (AuditSealer.seal(connection, 0, rows, key).behindMillis() > 0) {
                assertThat(System.nanoTime() - end).as("time is up").isNegative();
            }
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
        while (!holds(condition)) {
            assertThat(System.nanoTime() - end).as("time is up").isNegative();
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static boolean holds(BooleanSupplier condition) {
        try {
            return condition.getAsBoolean();
        } catch (StoreUnavailableException e) {
            // Denied in time, because the machine is busy; it can be asked again.
            return false;
        }
    }

    @Override
    public void close() {
        // It goes away with its server.
    }
}
