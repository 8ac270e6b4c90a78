package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import ai.neuronetz.gateway.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SpoolReplayTest {

    @TempDir
    Path spool;

    @Test
    void what_was_settled_while_the_database_was_down_is_charged_after_both_were_restarted() throws Exception {
        try (TestPostgres server = TestPostgres.start();
                LedgerDatabase database = LedgerDatabase.migratedIn(server);
                Administration administration = database.administration()) {
            administration.createTenant("acme", "Acme");
            PostgresStores first = stores(database);
            Principal principal = principal(first, createKey(administration, "acme"));
            Admission request = admission(principal, 0, 10, 90);
            assertThat(first.ledger().admit(request)).isInstanceOf(Admitted.class);
            server.stop();
            first.ledger().settle(request.requestId(), "acme", charged(17));
            // What a kill would find on disk, at any time from here on.
            eventually(() -> spooledBytes() > 0);
            first.close();
            server.restart();

            try (PostgresStores second = stores(database)) {
                eventually(() -> second.ledger().accepting());
                eventually(() -> database.holds("SELECT charged = 17 AND basis = 'REPORTED' FROM gateway.settlement"));
                eventually(() -> spooledBytes() == 0);
            }
            assertThat(database.value("SELECT max(reserved) FROM gateway.budget_account"))
                    .isEqualTo("0");
        }
    }

    @Test
    void while_the_spool_cannot_be_written_nothing_is_admitted() throws Exception {
        try (LedgerDatabase database = LedgerDatabase.migrated();
                PostgresStores stores = stores(database)) {
            Path directory = onlyEntry(spool);
            eventually(() -> stores.ledger().accepting());

            Files.delete(onlyEntry(directory));
            Files.delete(directory);
            Files.writeString(directory, "in the way");
            eventually(Duration.ofSeconds(15), () -> !stores.ledger().accepting());
            assertThat(stores.usable()).isFalse();

            Files.delete(directory);
            eventually(Duration.ofSeconds(15), () -> stores.ledger().accepting());
        }
    }

    private PostgresStores stores(LedgerDatabase database) {
        return PostgresStores.builder(database.app())
                .registry(new SimpleMeterRegistry())
                .spoolDirectory(spool)
                .open();
    }

    private long spooledBytes() {
        try (var files = Files.walk(spool)) {
            long bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path onlyEntry(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.findFirst().orElseThrow();
        }
    }

    private static Settlement charged(long tokens) {
        return new Settlement(Outcome.COMPLETED, Basis.REPORTED, 7L, tokens - 7, tokens, 200, 5L, 50);
    }
}
