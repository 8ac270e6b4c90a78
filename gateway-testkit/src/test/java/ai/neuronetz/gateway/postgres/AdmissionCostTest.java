package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AdmissionCostTest {

    private static final int KEYS = 50;
    private static final int ADMISSIONS = 200;

    @Test
    void an_admission_reads_neither_what_else_is_open_nor_the_other_keys_of_its_tenant() throws Exception {
        try (LedgerDatabase database = LedgerDatabase.migrated()) {
            admitMany(database);
            // The server publishes what a connection read when it ends.
            eventually(Duration.ofSeconds(20), () -> reads(database, "api_key_pkey") >= ADMISSIONS);

            assertThat(reads(database, "api_key_pkey")).isLessThan(ADMISSIONS + 5L * KEYS);
            assertThat(reads(database, "api_key_by_tenant")).isLessThan(5L * KEYS);
            assertThat(reads(database, "open_reservation_by_instance")).isLessThan(ADMISSIONS);
        }
    }

    private static void admitMany(LedgerDatabase database) throws SQLException {
        try (Administration administration = database.administration();
                PostgresStores stores = database.stores()) {
            administration.createTenant("acme", "Acme");
            KeyId key = createKey(administration, "acme");
            for (int other = 1; other < KEYS; other++) {
                createKey(administration, "acme");
            }
            Principal principal = principal(stores, key);
            Ledger ledger = stores.ledger();
            for (int open = 0; open < ADMISSIONS; open++) {
                assertThat(ledger.admit(admission(principal, 0, 1, 9))).isInstanceOf(Admitted.class);
            }
        }
    }

    /** Entries read from an index. */
    private static long reads(LedgerDatabase database, String index) {
        try {
            return Long.parseLong(database.value(
                    "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = '" + index + "'"));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
