package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AuditTrail.Check;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Settlement;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SealTest {

    private LedgerDatabase database;

    @BeforeEach
    void open() {
        database = LedgerDatabase.migrated();
    }

    private Verification verify() {
        try (Administration administration = database.administration()) {
            return administration.auditTrail().verify(Check.everything(), progress -> {});
        }
    }

    @Test
    void what_gateways_and_commands_record_is_sealed_and_verifies() throws Exception {
        try (Administration administration = database.administration()) {
            administration.createTenant("acme", "Acmé \"quoted\" \\ \n line");
            KeyId key = createKey(administration, "acme");
            administration.setTenantModels("acme", new ModelPolicy(true, List.of()));
            try (PostgresStores stores = database.stores()) {
                Admission admitted = admission(principal(stores, key), 0, 10, 20);
                stores.ledger().admit(admitted);
                stores.ledger().settle(admitted.requestId(), "acme", Settlement.notForwarded(1));
                stores.auditLog()
                        .denied(
                                LedgerDatabase.requestId(),
                                admitted.principal(),
                                "/api/chat",
                                null,
                                Reason.MODEL_NOT_PERMITTED);
                stores.auditLog().refused("192.0.2.1", Reason.INVALID_API_KEY);
            }
            database.execute("SET session_replication_role = replica;"
                    + " UPDATE gateway.refusal_count SET minute = minute - interval '5 min'");
            // The closed minute is recorded by the first seal, and covered by the next.
            eventually(() -> sealed().unsealedRows() == 0);
        }

        Verification verified = verify();
        assertThat(verified.findings()).isEmpty();
        assertThat(verified.rows()).isEqualTo(7);
        assertThat(verified.unsealedRows()).isZero();
        assertThat(database.value("SELECT count(*) FROM gateway.refusal_count")).isEqualTo("0");
        assertThat(database.value("SELECT source || ' ' || refusals FROM gateway.audit_refusal"))
                .isEqualTo("192.0.2.1 1");
    }

    private Verification sealed() {
        try {
            database.seal();
            return verify();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_transaction_that_commits_late_is_sealed_late_and_not_missed() throws Exception {
        try (Connection late = database.connect(database.administrator());
                Statement statement = late.createStatement();
                Connection sealing = database.connect(database.app())) {
            late.setAutoCommit(false);
            statement.execute(change("late"));
            database.execute(change("early"));
            AuditSealer.seal(sealing, 0, 100, null);
            assertThat(database.value("SELECT count(*) FROM gateway.audit_seal"))
                    .as("the later transaction's row waits for the earlier one's")
                    .isEqualTo("0");
            assertThat(verify().unsealedRows()).isEqualTo(1);
            late.commit();
        }
        database.seal();
        assertThat(verify().rows()).isEqualTo(2);
        assertThat(verify().intact()).isTrue();
    }

    private static String change(String what) {
        return "INSERT INTO gateway.audit_change (what) VALUES ('" + what + "')";
    }

    @Test
    void a_backlog_is_sealed_in_pieces_that_divide_no_transaction() throws SQLException {
        for (int n = 0; n < 10; n++) {
            database.execute("INSERT INTO gateway.audit_change (what) SELECT 'n' FROM generate_series(1, 7)");
        }
        database.seal(10, null);

        assertThat(database.value("SELECT string_agg(rows::text, ' ' ORDER BY number) FROM gateway.audit_seal"))
                .isEqualTo("14 14 14 14 14");
        assertThat(verify().intact()).isTrue();
        assertThat(verify().seals()).isEqualTo(5);
    }

    @Test
    void of_many_replicas_one_seals_at_a_time_and_another_goes_on_when_it_is_gone() throws Exception {
        var registry = new SimpleMeterRegistry();
        AuditSealer first = sealer(new SimpleMeterRegistry());
        try (AuditSealer second = sealer(registry)) {
            first.start();
            database.execute(change("one"));
            eventually(() -> database.holds("SELECT count(*) = 1 FROM gateway.audit_seal"));
            second.start();
            first.close();
            database.execute(change("two"));
            eventually(() -> database.holds("SELECT count(*) = 2 FROM gateway.audit_seal"));
            eventually(() -> registry.get("gateway.audit.seal.age").gauge().value() < 10);
        }
        assertThat(verify().intact()).isTrue();
    }

    private AuditSealer sealer(SimpleMeterRegistry registry) {
        return new AuditSealer(database.app(), 20, new Readiness(), null, registry);
    }

    @Test
    void no_two_seals_are_made_at_once_or_in_short_order() throws Exception {
        database.execute(change("one"));
        try (Connection one = database.connect(database.app());
                Connection two = database.connect(database.app());
                Statement statement = one.createStatement()) {
            one.setAutoCommit(false);
            statement.executeQuery("SELECT number FROM gateway.seal(0, 100)").next();
            assertThat(AuditSealer.seal(two, 0, 100, null).number()).isNull();
            one.commit();
            database.execute(change("two"));
            assertThat(AuditSealer.seal(two, 60_000, 100, null).number()).isNull();
            assertThat(sealed().seals()).isEqualTo(2);
        }
    }

    @Test
    void every_column_of_what_is_sealed_is_in_its_text() throws SQLException {
        for (AuditSource source : AuditSource.values()) {
            String table = source.sql().replaceAll("(?s).*::text FROM gateway\\.(\\w+) .*", "$1");
            String text = source.sql().replaceAll("(?s).*json_build_array\\((.*)\\)::text FROM.*", "$1");
            String columns = database.value("SELECT string_agg(column_name, ' ' ORDER BY ordinal_position)"
                    + " FROM information_schema.columns WHERE table_schema = 'gateway' AND table_name = '" + table
                    + "'");
            for (String column : columns.split(" ")) {
                assertThat(text).as(table).matches("(?s).*\\b" + column + "\\b.*");
            }
        }
    }
}
