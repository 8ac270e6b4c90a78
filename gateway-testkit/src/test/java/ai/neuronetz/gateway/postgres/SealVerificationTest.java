package ai.neuronetz.gateway.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AuditFilter;
import ai.neuronetz.gateway.admin.AuditTrail.Check;
import ai.neuronetz.gateway.admin.AuditTrail.Head;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.admin.Verification.Finding;
import ai.neuronetz.gateway.admin.Verification.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SealVerificationTest {

    private static final String KEY = "5a".repeat(32) + "01";
    private static final String UNHINDERED = "SET session_replication_role = replica; ";

    private LedgerDatabase database;

    /** Five seals, over a change each. */
    @BeforeEach
    void seal() throws SQLException {
        database = LedgerDatabase.migrated();
        for (int n = 1; n <= 5; n++) {
            database.execute("INSERT INTO gateway.audit_change (what) VALUES ('change " + n + "')");
            database.seal(1_000, SealKey.parse(KEY));
        }
    }

    private Verification verify(Check check) {
        try (Administration administration = database.administration()) {
            return administration.auditTrail().verify(check, progress -> {});
        }
    }

    private Head head() {
        try (Administration administration = database.administration()) {
            return administration.auditTrail().head().orElseThrow();
        }
    }

    private static Check withKey() {
        return new Check(null, null, null, null, KEY);
    }

    /** What somebody does who may do everything in the database, and knows how seals are made. */
    private void rewriteFrom(long seal) throws SQLException {
        database.execute(UNHINDERED + "UPDATE gateway.audit_change SET what = 'forged' WHERE what = 'change " + seal
                + "'; DELETE FROM gateway.audit_signature WHERE number >= " + seal
                + "; DELETE FROM gateway.audit_seal WHERE number >= " + seal);
        database.seal();
    }

    @Test
    void what_was_signed_with_the_key_is_vouched_for() {
        Verification verified = verify(withKey());

        assertThat(verified.findings()).isEmpty();
        assertThat(verified.signedUpTo()).isEqualTo(5);
    }

    @Test
    void a_chain_written_anew_does_not_end_in_the_head_that_was_kept_elsewhere() throws SQLException {
        Head kept = head();
        rewriteFrom(3);

        assertThat(verify(Check.everything()).intact())
                .as("nothing in the database itself can tell")
                .isTrue();
        assertThat(verify(Check.everything().expecting(kept)).findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.HEAD_DIFFERS);
    }

    @Test
    void a_chain_written_anew_lacks_the_signature() throws SQLException {
        rewriteFrom(3);

        assertThat(verify(withKey()).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Kind.SIGNATURE_MISSING);
            assertThat(finding.text()).contains("after 2");
        });
    }

    @Test
    void a_signature_of_another_seal_is_none() throws SQLException {
        database.execute(
                UNHINDERED + "UPDATE gateway.audit_signature SET mac = (SELECT mac FROM gateway.audit_signature"
                        + " WHERE number = 4) WHERE number = 5");

        assertThat(verify(withKey()).findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.SIGNATURE_WRONG, Kind.SIGNATURE_MISSING);
    }

    @Test
    void a_missing_seal_is_named_and_what_follows_it_still_verifies() throws SQLException {
        database.execute(UNHINDERED + "DELETE FROM gateway.audit_seal WHERE number IN (2, 3)");

        Verification verified = verify(Check.everything());
        assertThat(verified.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Kind.SEAL_MISSING);
            assertThat(finding.seal()).isEqualTo(2);
            assertThat(finding.text()).contains("seal 2", "and all up to seal 3");
        });
        assertThat(verified.rows()).isEqualTo(3);
    }

    @Test
    void a_span_leaves_out_what_is_before_and_after_it() throws SQLException {
        Instant middle = Instant.parse(
                database.value("SELECT to_char(reached AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
                        + " FROM gateway.audit_seal WHERE number = 3"));
        database.execute(UNHINDERED + "UPDATE gateway.audit_change SET what = 'forged' WHERE what = 'change 2'");

        assertThat(verify(new Check(middle, null, null, null, null)).seals()).isEqualTo(3);
        assertThat(verify(new Check(middle, null, null, null, null)).intact()).isTrue();
        assertThat(verify(new Check(null, middle, null, null, null)).seals()).isEqualTo(3);
        assertThat(verify(new Check(null, middle, null, null, null)).findings())
                .extracting(Finding::seal)
                .containsExactly(2L);
        assertThat(verify(new Check(middle, middle, null, null, null)).seals()).isEqualTo(1);
        assertThat(verify(new Check(Instant.now().plusSeconds(60), null, null, null, KEY))
                        .intact())
                .isTrue();
    }

    @Test
    void in_a_logical_copy_nothing_is_sealed_and_it_says_so() throws SQLException {
        database.execute(UNHINDERED + "UPDATE gateway.audit_seal SET to_tx = '9000000000' WHERE number = 5");
        try (Connection connection = database.connect(database.app())) {
            assertThatThrownBy(() -> AuditSealer.seal(connection, 0, 10, null))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("GW500"))
                    .hasMessageContaining("pg_resetwal");
        }
    }

    @Test
    void the_export_has_every_row_and_every_seal() {
        List<String> lines = new ArrayList<>();
        try (Administration administration = database.administration()) {
            assertThat(administration.auditTrail().export(AuditFilter.ofTenant(null), lines::add))
                    .isEqualTo(15);
        }
        assertThat(lines)
                .filteredOn(line -> line.startsWith("{\"kind\":\"change\""))
                .hasSize(5);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("{\"kind\":\"seal\""))
                .hasSize(5);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("{\"kind\":\"signature\""))
                .hasSize(5);
    }
}
