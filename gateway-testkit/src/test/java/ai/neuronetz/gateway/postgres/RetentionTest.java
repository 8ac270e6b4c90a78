package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AuditTrail.Check;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.admin.Verification.Kind;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RetentionTest {

    private static final List<String> TABLES = List.of("request_fate", "admission", "settlement", "audit_denial");

    private final YearMonth now = YearMonth.now(ZoneOffset.UTC);
    private LedgerDatabase database;

    /** With a request and a denial in each of this and the last four months. */
    @BeforeEach
    void fill() throws SQLException {
        database = LedgerDatabase.migrated();
        for (int ago = 0; ago <= 4; ago++) {
            YearMonth month = now.minusMonths(ago);
            String id = "(SELECT overlay(gateway.uuid_floor('" + month
                    + "-01T00:00:00Z')::text PLACING '7' FROM 15)::uuid)";
            for (String table : TABLES) {
                if (ago > 0) {
                    createPartition(table, month);
                }
            }
            database.execute("INSERT INTO gateway.request_fate VALUES (" + id + ", 'admitted')");
            database.execute("INSERT INTO gateway.admission VALUES (" + id
                    + ", 'acme', 'k', 'i', 0, 1, '/api/chat', 'm', 1, 1, now(), now())");
            database.execute("INSERT INTO gateway.settlement VALUES (" + id
                    + ", 'acme', 'k', 'COMPLETED', 'REPORTED', 1, 1, 2, 200, 1, 1, now())");
            database.execute("INSERT INTO gateway.audit_denial VALUES (" + id
                    + ", now(), 'acme', 'k', '/api/chat', 'm', 'model_not_permitted')");
        }
        database.seal();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private void createPartition(String table, YearMonth month) throws SQLException {
        String part = partition(table, month);
        database.execute("SET ROLE gateway_owner; CREATE TABLE gateway." + part + " PARTITION OF gateway." + table
                + " FOR VALUES FROM (gateway.uuid_floor('" + month + "-01T00:00:00Z')) TO (gateway.uuid_floor('"
                + month.plusMonths(1) + "-01T00:00:00Z'))");
    }

    private static String partition(String table, YearMonth month) {
        return table + "_" + month.toString().replace('-', '_');
    }

    private int dropBefore(YearMonth month) throws SQLException {
        try (Connection connection = database.connect(database.cli());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(call(month + "-01"))) {
            row.next();
            return row.getInt(1);
        }
    }

    private static String call(String day) {
        return "SELECT gateway.drop_audit_before('" + day + "')";
    }

    private static void assertRefused(String state, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
    }

    @Test
    void what_is_older_goes_from_all_tables_together_and_what_is_not_stays() throws SQLException {
        assertThat(dropBefore(now.minusMonths(2))).isEqualTo(2);

        for (String table : TABLES) {
            assertThat(database.value("SELECT count(*) FROM gateway." + table))
                    .as(table)
                    .isEqualTo("3");
        }
        assertThat(database.value("SELECT string_agg(relname, ' ') FROM pg_class WHERE relname LIKE '%"
                        + partition("", now.minusMonths(3)) + "%'"))
                .as("tables and indexes left of a dropped month")
                .isEqualTo("null");
        assertThat(dropBefore(now.minusMonths(2))).isZero();
    }

    @Test
    void what_was_dropped_is_told_from_what_was_deleted() throws SQLException {
        dropBefore(now.minusMonths(3));
        assertThat(verify().findings()).isEmpty();
        assertThat(verify().prunedBefore()).isEqualTo(now.minusMonths(3).toString());
        assertThat(verify().prunedRows()).isEqualTo(3);

        database.execute("DROP TABLE gateway." + partition("settlement", now.minusMonths(3)));

        assertThat(verify().findings()).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Kind.ROW_MISSING);
            assertThat(finding.source()).isEqualTo("settlement");
        });
    }

    private Verification verify() {
        try (Administration administration = database.administration()) {
            return administration.auditTrail().verify(Check.everything(), progress -> {});
        }
    }

    @Test
    void what_is_not_sealed_yet_stays() throws SQLException {
        database.execute("SET session_replication_role = replica; DELETE FROM gateway.audit_seal");

        assertRefused("GW409", () -> dropBefore(now.minusMonths(2)));
        database.seal();
        assertThat(dropBefore(now.minusMonths(2))).isEqualTo(2);
    }

    @Test
    void the_change_is_audited_with_who_made_it() throws SQLException {
        dropBefore(now.minusMonths(3));

        assertThat(database.value("SELECT database_user || ' ' || details FROM gateway.audit_change"
                        + " WHERE what = 'drop-audit'"))
                .isEqualTo("gateway_cli {\"before\": \"" + now.minusMonths(3) + "-01\", \"months\": [\""
                        + now.minusMonths(4).toString().replace('-', '_') + "\"]}");
    }

    @Test
    void this_month_and_the_last_one_are_never_dropped() throws SQLException {
        assertRefused("GW400", () -> dropBefore(now));
        assertRefused("GW400", () -> dropBefore(now.plusMonths(1)));
        assertRefused("GW400", () -> database.value(call(now.minusMonths(2) + "-02")));
        assertRefused("GW400", () -> database.value("SELECT gateway.drop_audit_before(NULL)"));
        assertThat(database.value("SELECT count(*) FROM gateway.admission")).isEqualTo("5");

        assertThat(dropBefore(now.minusMonths(1))).isEqualTo(3);
    }

    @Test
    void a_month_with_an_open_request_stays() throws SQLException {
        database.execute(
                "INSERT INTO gateway.open_reservation SELECT request_id, 'acme', 'k', 'i', 2, (now() AT TIME ZONE 'UTC')::date,"
                        + " (now() AT TIME ZONE 'UTC')::date, now() FROM gateway."
                        + partition("admission", now.minusMonths(3)));

        assertRefused("GW409", () -> dropBefore(now.minusMonths(2)));
        assertThat(database.value("SELECT count(*) FROM gateway.admission")).isEqualTo("5");
        assertThat(dropBefore(now.minusMonths(3))).isEqualTo(1);
    }

    @Test
    void it_gives_way_to_a_reader_instead_of_standing_in_the_way_of_admissions() throws Exception {
        try (Connection reader = database.connect(database.administrator());
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT * FROM gateway.audit_log");
            assertRefused("55P03", () -> dropBefore(now.minusMonths(2)));
        }
        assertThat(database.value("SELECT count(*) FROM gateway.admission")).isEqualTo("5");
        assertThat(dropBefore(now.minusMonths(2))).isEqualTo(2);
    }

    @Test
    void a_connection_that_admitted_before_admits_afterwards() throws Exception {
        try (Administration administration = database.administration();
                PostgresStores stores = database.stores()) {
            administration.createTenant("acme", "Acme");
            var principal = principal(stores, createKey(administration, "acme"));
            assertThat(stores.ledger().admit(admission(principal, 0, 1, 1))).isInstanceOf(Admitted.class);

            assertThat(dropBefore(now.minusMonths(1))).isEqualTo(3);

            assertThat(stores.ledger().admit(admission(principal, 0, 1, 1))).isInstanceOf(Admitted.class);
        }
    }

    @Test
    void accounts_of_periods_long_gone_go_and_those_that_hold_something_stay() throws SQLException {
        database.execute(
                "INSERT INTO gateway.budget_account (account, period, period_start, reserved) VALUES"
                        + " ('t:a', 'day', (now() AT TIME ZONE 'UTC')::date - 61, 0), ('t:b', 'day', (now() AT TIME ZONE 'UTC')::date - 61, 1),"
                        + " ('t:c', 'day', (now() AT TIME ZONE 'UTC')::date - 59, 0), ('t:d', 'month', (now() AT TIME ZONE 'UTC')::date - 401, 0),"
                        + " ('t:e', 'month', (now() AT TIME ZONE 'UTC')::date - 61, 0), ('t:f', 'total', DATE '1970-01-01', 0)");
        database.value("SELECT gateway.maintain()");

        assertThat(database.value("SELECT string_agg(account, ' ' ORDER BY account) FROM gateway.budget_account"))
                .isEqualTo("t:b t:c t:e t:f");
    }

    @Test
    void only_the_command_line_may_drop() throws SQLException {
        String call = call(now.minusMonths(2) + "-01");
        try (Connection connection = database.connect(database.app());
                Statement statement = connection.createStatement()) {
            assertRefused("42501", () -> statement.execute(call));
        }
        assertThat(database.value("SELECT has_function_privilege('gateway_auditor',"
                        + " 'gateway.drop_audit_before(date)', 'EXECUTE')"))
                .isEqualTo("false");
    }
}
