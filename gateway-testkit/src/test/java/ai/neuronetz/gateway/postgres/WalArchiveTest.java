package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AuditTrail.Check;
import ai.neuronetz.gateway.admin.AuditTrail.Head;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.testkit.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Continuous archiving as docs/AUDIT.md describes it, with the same archive and restore commands. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WalArchiveTest {

    private static final int REQUESTS = 20;

    @Test
    void what_was_archived_restores_a_log_that_verifies_to_the_same_head() throws Exception {
        try (TestPostgres server = TestPostgres.start(List.of(
                "wal_level=replica",
                "archive_mode=on",
                "archive_command=mkdir -p ../archive && test ! -f ../archive/%f && cp %p ../archive/%f"))) {
            Path archive = server.directory().resolve("archive");
            LedgerDatabase database = LedgerDatabase.migratedIn(server);
            server.stop();
            try (TestPostgres restored = server.copy()) {
                Head head = serve(database);
                String segment = database.value("SELECT pg_walfile_name(pg_switch_wal())");
                eventually(() -> Files.exists(archive.resolve(segment)));
                eventually(() -> database.holds("SELECT last_archived_wal >= '" + segment + "' FROM pg_stat_archiver"));
                server.stop();

                restored.recover("cp " + archive + "/%f %p");

                Verification verified = verify(database.in(restored), head);
                assertThat(verified.findings()).isEmpty();
                assertThat(verified.head()).isEqualTo(head);
                assertThat(verified.rows()).isEqualTo(REQUESTS + 2);
            }
        }
    }

    private static Head serve(LedgerDatabase database) throws Exception {
        try (Administration administration = database.administration()) {
            administration.createTenant("acme", "Acme");
            database.seal();
            spendTransactions(database);
            var key = createKey(administration, "acme");
            try (PostgresStores stores = database.stores()) {
                var principal = principal(stores, key);
                for (int n = 0; n < REQUESTS; n++) {
                    assertThat(stores.ledger().admit(admission(principal, 0, 1, 1)))
                            .isInstanceOf(Admitted.class);
                }
            }
            database.seal();
            assertThat(database.holds(
                            "SELECT min(length(to_tx::text)) < max(length(to_tx::text)) FROM gateway.audit_seal"))
                    .as("the order of transactions is not that of their numbers' text")
                    .isTrue();
            return administration.auditTrail().head().orElseThrow();
        }
    }

    /** Until their numbers have another digit, as in a new server they soon have. */
    private static void spendTransactions(LedgerDatabase database) throws Exception {
        try (Connection connection = database.connect(database.administrator());
                Statement statement = connection.createStatement()) {
            for (int n = 0; n < 400; n++) {
                statement.execute("SELECT pg_current_xact_id()");
            }
        }
    }

    private static Verification verify(LedgerDatabase database, Head head) {
        try (Administration administration = database.administration()) {
            return administration.auditTrail().verify(Check.everything().expecting(head), progress -> {});
        }
    }
}
