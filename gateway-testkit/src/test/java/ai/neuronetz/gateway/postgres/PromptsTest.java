package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.prompts.PromptRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PromptsTest {

    private LedgerDatabase database;
    private Administration administration;
    private PostgresPrompts store;
    private KeyId key;

    @BeforeAll
    void open() throws SQLException {
        database = LedgerDatabase.migrated();
        administration = database.administration();
        administration.createTenant("acme", "Acme");
        Readiness readiness = new Readiness();
        try (Connection connection = database.connect(database.app())) {
            readiness.check(connection);
        }
        readiness.following();
        readiness.bounded();
        store = new PostgresPrompts(database.app(), readiness);
    }

    @AfterAll
    void close() {
        store.close();
        administration.close();
        database.close();
    }

    @BeforeEach
    void a_key_that_opted_in() {
        administration.prompts().purge(null, null, null);
        key = createKey(administration, "acme");
        administration.prompts().setRetention(key, Duration.ofDays(1));
    }

    private static PromptRecord asked(KeyId key, Duration ago) {
        return new PromptRecord(
                LedgerDatabase.requestId(),
                key,
                Endpoint.CHAT,
                "llama3:8b",
                Outcome.COMPLETED,
                ago.toMillis(),
                "question",
                false,
                "answer",
                true);
    }

    private UUID store(Duration ago) {
        PromptRecord asked = asked(key, ago);
        assertThat(store.store(asked)).isTrue();
        return asked.requestId();
    }

    private String stored() throws SQLException {
        return database.value("SELECT count(*) FROM gateway_prompts.prompt");
    }

    private String partitions() throws SQLException {
        return database.value("SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY 1) FROM pg_inherits"
                + " WHERE inhparent = 'gateway_prompts.prompt'::regclass");
    }

    private static void assertForbidden(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .as(sql)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        }
    }

    @Test
    void the_serving_role_can_write_prompts_and_neither_read_nor_change_them() throws SQLException {
        store(Duration.ZERO);

        try (Connection connection = database.connect(database.app())) {
            for (String sql : List.of(
                    "SELECT * FROM gateway_prompts.prompt",
                    "DELETE FROM gateway_prompts.prompt",
                    "INSERT INTO gateway_prompts.prompt DEFAULT VALUES",
                    "SELECT * FROM gateway.list_prompts(NULL, NULL, NULL, 1)",
                    "SELECT gateway.announce_prompt_read(gen_random_uuid())",
                    "SELECT * FROM gateway.read_prompt(1)",
                    "SELECT gateway.purge_prompts(NULL, NULL, NULL)",
                    "SELECT gateway.set_key_prompts('x', '1 day')",
                    "SELECT gateway.ensure_prompt_day('2020-01-01')")) {
                assertForbidden(connection, sql);
            }
        }
    }

    @Test
    void the_command_line_reads_prompts_by_function_only() throws SQLException {
        try (Connection connection = database.connect(database.cli())) {
            assertForbidden(connection, "SELECT * FROM gateway_prompts.prompt");
            assertForbidden(connection, "DELETE FROM gateway_prompts.prompt");
            assertForbidden(
                    connection,
                    "SELECT gateway.record_prompt(gen_random_uuid(), 0, 'k', '/', 'm', 'o', 'p', false, 'a', false)");
        }
    }

    @Test
    void a_prompt_is_shown_only_after_the_audit_of_it_was_committed() throws SQLException {
        UUID request = store(Duration.ZERO);
        String announce = "SELECT gateway.announce_prompt_read('" + request + "')";
        try (Connection connection = database.connect(database.cli());
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            long announced = number(statement, announce);
            assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM gateway.read_prompt(" + announced + ")"))
                    .hasMessageContaining("not announced");
            connection.rollback();
            statement.execute("SAVEPOINT s");
            long within = number(statement, announce);
            statement.execute("RELEASE SAVEPOINT s");
            assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM gateway.read_prompt(" + within + ")"))
                    .hasMessageContaining("not announced");
            connection.rollback();

            long committed = number(statement, announce);
            connection.commit();
            try (ResultSet row = statement.executeQuery("SELECT * FROM gateway.read_prompt(" + committed + ")")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getString("prompt")).isEqualTo("question");
            }
            connection.rollback();
        }
        assertThat(database.value("SELECT count(*) FROM gateway.audit_change WHERE what = 'read-prompt'"
                        + " AND details ->> 'request_id' = '" + request + "' AND key_id = '" + key + "'"))
                .isEqualTo("1");
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void an_announcement_of_another_user_or_of_long_ago_shows_nothing() throws SQLException {
        UUID request = store(Duration.ZERO);
        String details = "jsonb_build_object('request_id', '" + request + "', 'transaction', '1')";
        for (String row :
                List.of("'somebody', clock_timestamp()", "'gateway_cli', clock_timestamp() - interval '2 minutes'")) {
            String announced = database.value("INSERT INTO gateway.audit_change (database_user, at, what, details)"
                    + " VALUES (" + row + ", 'read-prompt', " + details + ") RETURNING change_id");
            try (Connection connection = database.connect(database.cli());
                    Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM gateway.read_prompt(" + announced + ")"))
                        .hasMessageContaining("not announced");
            }
        }
    }

    @Test
    void what_is_over_its_time_is_neither_listed_nor_read_and_is_taken_away() throws Exception {
        administration.prompts().setRetention(key, Duration.ofMillis(1_500));
        UUID request = store(Duration.ofMillis(1_000));
        assertThat(administration.prompts().list(null, key, null, 10)).hasSize(1);

        LedgerDatabase.eventually(
                () -> administration.prompts().list(null, key, null, 10).isEmpty());

        assertThat(administration.prompts().read(request)).isEmpty();
        assertThat(stored()).isEqualTo("1");
        store.expire();
        assertThat(stored()).isEqualTo("0");
    }

    @Test
    void days_that_are_over_go_with_their_partitions_and_others_stay() throws SQLException {
        database.execute("SET ROLE gateway_owner; SELECT gateway.ensure_prompt_day('2020-01-01');"
                + " INSERT INTO gateway_prompts.prompt VALUES (gen_random_uuid(), '2020-01-01T12:00Z', '2019-12-31T12:00Z',"
                + " 'acme', '" + key + "', '/api/chat', 'm', 'COMPLETED', 'old', false, 'old', false)");
        store(Duration.ZERO);
        assertThat(partitions()).contains("prompt_20200101");

        store.expire();

        assertThat(partitions()).contains("gateway_prompts.prompt_2").doesNotContain("prompt_20200101");
        assertThat(stored()).isEqualTo("1");
    }

    @Test
    void where_somebody_reads_an_old_day_its_rows_go_and_the_day_later() throws SQLException {
        database.execute("SET ROLE gateway_owner; SELECT gateway.ensure_prompt_day('2020-01-02');"
                + " INSERT INTO gateway_prompts.prompt VALUES (gen_random_uuid(), '2020-01-02T12:00Z', '2019-12-31T12:00Z',"
                + " 'acme', '" + key + "', '/api/chat', 'm', 'COMPLETED', 'old', false, 'old', false)");
        try (Connection reader = database.connect(database.administrator());
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT count(*) FROM gateway_prompts.prompt");

            store.expire();

            assertThat(stored()).isEqualTo("0");
            assertThat(partitions()).contains("prompt_20200102");
            reader.rollback();
        }
        store.expire();
        assertThat(partitions()).doesNotContain("prompt_20200102");
    }

    @Test
    void a_key_that_is_off_has_nothing_stored_whatever_the_gateway_believes() throws SQLException {
        administration.prompts().setRetention(key, null);

        assertThat(store.store(asked(key, Duration.ZERO))).isFalse();
        assertThat(store.store(asked(new KeyId("nokeyofthisx"), Duration.ZERO))).isFalse();

        assertThat(stored()).isEqualTo("0");
    }

    @Test
    void what_would_be_over_its_time_already_is_not_stored() throws SQLException {
        assertThat(store.store(asked(key, Duration.ofDays(2)))).isFalse();
        assertThat(stored()).isEqualTo("0");
    }

    @Test
    void a_clock_that_is_ahead_keeps_nothing_longer() {
        store(Duration.ofDays(-100));

        assertThat(administration.prompts().list(null, key, null, 1).get(0).goneAt())
                .isBefore(Instant.now().plus(Duration.ofHours(25)));
    }

    @Test
    void many_at_once_make_the_partition_of_a_new_day_once() {
        for (int days = 300; days < 305; days++) {
            administration.prompts().setRetention(key, Duration.ofDays(days));
            List<CompletableFuture<Boolean>> storing = Stream.generate(
                            () -> CompletableFuture.supplyAsync(this::storeAlone))
                    .limit(8)
                    .toList();
            storing.forEach(CompletableFuture::join);
        }

        assertThat(administration.prompts().list(null, key, null, 100)).hasSize(40);
    }

    private boolean storeAlone() {
        try (Connection connection = database.connect(database.app());
                Statement statement = connection.createStatement()) {
            return statement.execute("SELECT gateway.record_prompt('" + LedgerDatabase.requestId() + "', 0, '" + key
                    + "', '/', 'm', 'o', 'p', false, 'a', false)");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void prompts_are_listed_and_purged_by_tenant_key_and_time() {
        administration.prompts().setRetention(key, Duration.ofDays(10));
        UUID old = store(Duration.ofDays(2));
        UUID young = store(Duration.ZERO);
        Instant yesterday = Instant.now().minus(Duration.ofDays(1));
        var prompts = administration.prompts();

        assertThat(prompts.list("acme", null, null, 10))
                .extracting(row -> row.requestId())
                .containsExactly(young, old);
        assertThat(prompts.list("acme", null, null, 1))
                .extracting(row -> row.requestId())
                .containsExactly(young);
        assertThat(prompts.list(null, key, yesterday, 10))
                .extracting(row -> row.requestId())
                .containsExactly(young);
        assertThat(prompts.list("other", null, null, 10)).isEmpty();
        assertThat(prompts.purge("other", null, null)).isZero();
        assertThat(prompts.purge("acme", key, yesterday)).isEqualTo(1);
        assertThat(prompts.list(null, null, null, 10))
                .extracting(row -> row.requestId())
                .containsExactly(young);
    }

    @Test
    void the_switch_is_listed_and_audited_and_has_bounds() throws SQLException {
        assertThat(administration.keys("acme"))
                .filteredOn(row -> row.keyId().equals(key))
                .extracting(row -> row.promptRetention())
                .containsExactly(Duration.ofDays(1));
        assertThat(database.value("SELECT details FROM gateway.audit_change WHERE what = 'set-prompts' AND key_id = '"
                        + key + "'"))
                .contains("\"retention\": \"24:00:00\"", "\"before\": null");
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofDays(-1), Duration.ofDays(367))) {
            assertThatThrownBy(() -> administration.prompts().setRetention(key, wrong))
                    .isInstanceOf(AdministrationException.class)
                    .hasMessageContaining("366 days at most");
        }
    }
}
