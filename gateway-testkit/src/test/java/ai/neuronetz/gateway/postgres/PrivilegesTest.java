package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.metering.Settlement;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrivilegesTest {

    private LedgerDatabase database;

    /** With rows in every table, so that a row trigger has something to hold. */
    @BeforeAll
    void fill() throws Exception {
        database = LedgerDatabase.migrated();
        try (Administration administration = database.administration();
                PostgresStores stores = database.stores()) {
            administration.createTenant("acme", "Acme");
            KeyId key = createKey(administration, "acme");
            var admission = admission(principal(stores, key), 0, 1, 1);
            assertThat(stores.ledger().admit(admission)).isInstanceOf(Admitted.class);
            stores.ledger().settle(admission.requestId(), "acme", Settlement.notForwarded(1));
            stores.auditLog()
                    .denied(
                            LedgerDatabase.requestId(),
                            admission.principal(),
                            "/api/chat",
                            "m",
                            Reason.MODEL_NOT_PERMITTED);
            stores.auditLog().refused("192.0.2.1", Reason.INVALID_API_KEY);
        }
        assertThat(database.value("SELECT count(*) FROM gateway.settlement")).isEqualTo("1");
        assertThat(database.value("SELECT count(*) FROM gateway.audit_denial")).isEqualTo("1");
        assertThat(database.value("SELECT refusals FROM gateway.refusal_count")).isEqualTo("1");
        database.execute(
                "INSERT INTO gateway.audit_refusal (minute, source, reason, refusals) VALUES (now(), 's', 'r', 2)");
        database.seal(10, SealKey.parse("ab".repeat(32)));
    }

    @AfterAll
    void drop() throws SQLException {
        database.close();
    }

    private List<String> tables() throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Connection connection = database.connect(database.administrator());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
                        + " AND relnamespace = 'gateway'::regnamespace")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }

    @Test
    void the_serving_role_can_change_no_table_and_no_partition() throws SQLException {
        List<String> tables = tables();
        assertThat(tables).contains("api_key", "admission_default", "settlement", "flyway_schema_history");
        try (Connection connection = database.connect(database.app());
                Statement statement = connection.createStatement()) {
            for (String table : tables) {
                for (String sql : List.of(
                        "INSERT INTO gateway." + table + " DEFAULT VALUES",
                        "DELETE FROM gateway." + table,
                        "TRUNCATE gateway." + table)) {
                    assertThatThrownBy(() -> statement.execute(sql))
                            .as(sql)
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo("42501"));
                }
            }
            assertThatThrownBy(() -> statement.execute("UPDATE gateway.admission SET model = 'x'"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("SELECT gateway.create_tenant('b', 'b')"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("SELECT gateway.note_pepper('0123456789abcdef')"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("SELECT phc FROM gateway.api_key"))
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void not_even_the_owner_can_rewrite_what_was_recorded() throws SQLException {
        try (Connection connection = database.connect(database.administrator());
                Statement statement = connection.createStatement()) {
            for (String role : List.of("gateway_owner", "postgres")) {
                statement.execute("SET ROLE " + role);
                for (String sql : List.of(
                        "UPDATE gateway.admission SET model = 'x'",
                        "DELETE FROM gateway.admission",
                        "TRUNCATE gateway.admission",
                        "UPDATE gateway.settlement SET charged = 0",
                        "DELETE FROM gateway.settlement",
                        "DELETE FROM gateway.audit_denial",
                        "UPDATE gateway.audit_change SET what = 'x'",
                        "DELETE FROM gateway.audit_refusal",
                        "UPDATE gateway.audit_refusal SET refusals = refusals + 1",
                        "TRUNCATE gateway.audit_refusal",
                        "UPDATE gateway.refusal_count SET refusals = 0",
                        "TRUNCATE gateway.refusal_count",
                        "UPDATE gateway.audit_seal SET hash = hash",
                        "DELETE FROM gateway.audit_seal",
                        "TRUNCATE gateway.audit_seal CASCADE",
                        "UPDATE gateway.audit_signature SET key_id = key_id",
                        "DELETE FROM gateway.audit_signature",
                        "TRUNCATE gateway.audit_signature",
                        "TRUNCATE gateway.audit_change",
                        "DELETE FROM gateway.request_fate")) {
                    assertThatThrownBy(() -> statement.execute(sql))
                            .as(sql)
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isIn("GW403", "23514"));
                }
                for (String table : tables()) {
                    if (table.matches("(admission|settlement|audit_denial|audit_refusal|request_fate)_.*")) {
                        assertThatThrownBy(() -> statement.execute("TRUNCATE gateway." + table))
                                .as(table)
                                .hasMessageContaining("append-only");
                    }
                }
            }
        }
    }

    @Test
    void no_function_can_be_called_by_everybody() throws SQLException {
        assertThat(
                        database.value(
                                "SELECT string_agg(p.proname, ' ') FROM pg_proc p"
                                        + " WHERE p.pronamespace = 'gateway'::regnamespace AND p.prorettype <> 'trigger'::regtype"
                                        + " AND (p.proacl IS NULL OR EXISTS (SELECT 1 FROM aclexplode(p.proacl) a WHERE a.grantee = 0))"))
                .isEqualTo("null");
    }

    @Test
    void every_function_pins_its_search_path_or_was_parsed_when_it_was_made() throws SQLException {
        assertThat(database.value("SELECT string_agg(p.proname, ' ') FROM pg_proc p"
                        + " WHERE p.pronamespace = 'gateway'::regnamespace AND (p.prosecdef OR p.prosqlbody IS NULL) AND NOT EXISTS"
                        + " (SELECT 1 FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=pg_catalog%pg_temp')"))
                .isEqualTo("null");
    }

    @Test
    void a_role_that_can_do_more_than_serve_is_refused() {
        assertThatThrownBy(() -> PostgresStores.open(database.administrator(), new SimpleMeterRegistry()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("postgres")
                .hasMessageContaining("connect as gateway_app");
        assertThatThrownBy(() -> PostgresStores.open(database.cli(), new SimpleMeterRegistry()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("connect as gateway_app");
    }

    @Test
    void a_wrong_password_is_refused_without_naming_it() {
        assertThatThrownBy(() -> PostgresStores.open(
                        database.app().withUser("nobody").withPassword("s3cret"), new SimpleMeterRegistry()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void the_serving_role_cannot_administer_and_is_told_so() {
        try (Administration administration = PostgresAdministration.connect(database.app())) {
            assertThatThrownBy(() -> administration.createTenant("b", "b"))
                    .isInstanceOf(AdministrationException.class)
                    .hasMessage("the database role gateway_app may not create tenants; connect as gateway_cli");
        }
    }

    @Test
    void a_hash_can_be_replaced_only_by_who_knows_the_old_one() throws SQLException {
        String key = database.value("SELECT key_id FROM gateway.api_key");
        String phc = database.value("SELECT phc FROM gateway.api_key");
        try (PostgresStores stores = database.stores()) {
            stores.keyStore().rehash(new KeyId(key), "$argon2id$wrong", "$argon2id$evil");
            assertThat(database.value("SELECT phc FROM gateway.api_key")).isEqualTo(phc);
            stores.keyStore().rehash(new KeyId(key), phc, "$argon2id$new");
            assertThat(database.value("SELECT phc FROM gateway.api_key")).isEqualTo("$argon2id$new");
        }
    }
}
