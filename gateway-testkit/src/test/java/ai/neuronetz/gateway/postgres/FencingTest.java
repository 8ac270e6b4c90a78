package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.testkit.TestPostgres;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FencingTest {

    @Test
    void a_process_that_is_not_heard_cuts_what_it_has_open_before_others_may_take_it_for_dead() throws Exception {
        try (TestPostgres server = TestPostgres.start();
                LedgerDatabase database = LedgerDatabase.migratedIn(server);
                PostgresStores stores = database.stores()) {
            AtomicInteger cuts = new AtomicInteger();
            stores.onFenced(cuts::incrementAndGet);
            eventually(() -> stores.ledger().accepting());

            long paused = System.nanoTime();
            server.pause();
            try {
                eventually(Duration.ofSeconds(11), () -> !stores.ledger().accepting());
                assertThat(cuts).hasValue(0);
                eventually(() -> cuts.get() > 0);
                // The last beat may have been heard just before the pause, and never after it.
                assertThat(Duration.ofNanos(System.nanoTime() - paused)).isLessThan(Duration.ofSeconds(15));
            } finally {
                server.resume();
            }

            eventually(Duration.ofSeconds(15), () -> stores.ledger().accepting());
            assertThat(cuts).hasValue(1);
        }
    }

    @Test
    void a_process_that_was_declared_dead_is_told_once_and_admits_under_another_name() throws Exception {
        try (LedgerDatabase database = LedgerDatabase.migrated();
                Administration administration = database.administration();
                PostgresStores stores = database.stores()) {
            administration.createTenant("acme", "Acme");
            Principal principal = principal(stores, createKey(administration, "acme"));
            AtomicInteger cuts = new AtomicInteger();
            stores.onFenced(cuts::incrementAndGet);
            Admission before = admission(principal, 0, 1, 9);
            assertThat(stores.ledger().admit(before)).isInstanceOf(Admitted.class);

            database.execute("UPDATE gateway.gateway_instance SET state = 'fenced'");

            assertThat(admits(stores, principal)).isFalse();
            eventually(() -> cuts.get() == 1);
            eventually(() -> admits(stores, principal));
            assertThat(database.value("SELECT count(*) FROM gateway.gateway_instance"))
                    .isEqualTo("2");
            eventually(
                    Duration.ofSeconds(20),
                    () -> database.holds("SELECT basis = 'UPPER_BOUND' AND charged = 10 FROM gateway.settlement"
                            + " WHERE request_id = '" + before.requestId() + "'"));
            assertThat(cuts).hasValue(1);
        }
    }

    private static boolean admits(PostgresStores stores, Principal principal) {
        try {
            return stores.ledger().admit(admission(principal, 0, 1, 1)) instanceof Admitted;
        } catch (StoreUnavailableException e) {
            return false;
        }
    }
}
