package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.PostgresAdministration;
import ai.neuronetz.gateway.testkit.MockOllama;
import ai.neuronetz.gateway.testkit.TestDatabase;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/**
 * The gateway as an operator installs it: stores, schema, tenants and keys, all through the commands.
 *
 * <p>The commands run in this JVM, with the wiring of {@link GatewayMain}; {@code serve} has a {@link GatewayProcess}.
 */
final class Installation implements AutoCloseable {

    private static final String APP_PASSWORD = "app-pw-canary";
    private static final String CLI_PASSWORD = "cli-pw-canary";

    private final TestDatabase database;
    private final TestRedis redis;
    private final MockOllama ollama = MockOllama.start();
    private final String pepper = run(Map.of(), "generate-pepper").strip();

    Installation() {
        this(TestPostgres.shared(), TestRedis.shared());
    }

    /** On stores of the test's own, which it closes itself. */
    Installation(TestPostgres postgres, TestRedis redis) {
        this.database = postgres.createDatabase();
        this.redis = redis;
        run(
                Map.of(
                        "DATABASE_URL",
                        database.url(),
                        "GATEWAY_APP_PASSWORD",
                        APP_PASSWORD,
                        "GATEWAY_CLI_PASSWORD",
                        CLI_PASSWORD),
                "migrate");
    }

    MockOllama ollama() {
        return ollama;
    }

    /** What {@code serve} needs, on free ports. */
    Map<String, String> serveSettings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("DATABASE_URL", database.url("gateway_app", APP_PASSWORD));
        settings.put("REDIS_URL", redis.url());
        settings.put("OLLAMA_URL", ollama.uri().toString());
        settings.put("KEY_PEPPER", pepper);
        settings.put("LISTEN_PORT", "0");
        settings.put("MANAGEMENT_PORT", "0");
        return settings;
    }

    /** As the command line connects. */
    String cliUrl() {
        return database.url("gateway_cli", CLI_PASSWORD);
    }

    /** As nobody should connect but {@code migrate}. */
    String adminUrl() {
        return database.url();
    }

    /** What the commands need that manage. */
    Map<String, String> cliSettings() {
        return Map.of(
                "DATABASE_URL",
                cliUrl(),
                "KEY_PEPPER",
                pepper,
                "OLLAMA_URL",
                ollama.uri().toString());
    }

    /** Runs a command that succeeds; what it printed. */
    String command(String... arguments) {
        return run(cliSettings(), arguments);
    }

    /** A run of a command that may fail, over the database. */
    CommandRun commandRun() {
        String url = database.url("gateway_cli", CLI_PASSWORD);
        return new CommandRun(PostgresAdministration.connect(DatabaseSettings.parse(url))).with("DATABASE_URL", url);
    }

    /** One statement as a role that can log in: what only gateways do, or what nobody should. */
    void execute(boolean superuser, String sql) throws SQLException {
        try (Connection connection = superuser
                        ? database.connect()
                        : DriverManager.getConnection(database.jdbcUrl("gateway_app", APP_PASSWORD));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A connection as superuser, to be closed by the caller. */
    Connection superuser() throws SQLException {
        return database.connect();
    }

    /** Creates a key of a tenant that exists. */
    String createKey(String tenant) throws IOException {
        return new ObjectMapper()
                .readTree(command("create-key", "--tenant", tenant, "--json"))
                .get("key")
                .asText();
    }

    /** Whether a text holds any of the secrets of this installation. */
    void assertNoSecretIn(String text) {
        assertThat(text).doesNotContain(APP_PASSWORD, CLI_PASSWORD, pepper, database.adminPassword());
    }

    @Override
    public void close() {
        ollama.close();
    }

    private static String run(Map<String, String> environment, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLines commands = new CommandLines(
                environment,
                new PrintWriter(out),
                new PrintWriter(err),
                Clock.systemUTC(),
                url -> PostgresAdministration.connect(DatabaseSettings.parse(url)),
                PipelineGateway::open,
                () -> {});
        int exitCode = commands.execute(arguments);
        assertThat(err.toString()).isEmpty();
        assertThat(exitCode).isZero();
        return out.toString();
    }
}
