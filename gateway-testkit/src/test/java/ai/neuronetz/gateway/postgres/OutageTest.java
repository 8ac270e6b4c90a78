package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OutageTest {

    private static long refused(ThrowingCallable call) {
        long begin = System.nanoTime();
        assertThatThrownBy(call).isInstanceOf(StoreUnavailableException.class);
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    }

    /** The median of five: one pause of a busy machine is not the gateway's. */
    private static void refusedInTime(ThrowingCallable call) {
        long[] millis =
                LongStream.generate(() -> refused(call)).limit(5).sorted().toArray();
        assertThat(millis[2]).isLessThan(300);
    }

    private static boolean admits(PostgresStores stores, Admission request) {
        try {
            return stores.ledger().admit(request) instanceof Admitted;
        } catch (StoreUnavailableException e) {
            return false;
        }
    }

    private static boolean finds(PostgresStores stores, KeyId key) {
        try {
            return stores.keyStore().find(key).isPresent();
        } catch (StoreUnavailableException e) {
            return false;
        }
    }

    @Test
    void a_frozen_database_refuses_in_time_and_what_was_settled_meanwhile_is_written_after() throws Exception {
        try (TestPostgres server = TestPostgres.start();
                LedgerDatabase database = LedgerDatabase.migratedIn(server);
                Administration administration = database.administration();
                PostgresStores stores = database.stores()) {
            administration.createTenant("acme", "Acme");
            KeyId key = createKey(administration, "acme");
            Principal principal = principal(stores, key);
            List<Admission> open = new ArrayList<>();
            for (int n = 0; n < 100; n++) {
                Admission request = admission(principal, 0, 1, 9);
                assertThat(stores.ledger().admit(request)).isInstanceOf(Admitted.class);
                open.add(request);
            }

            ExecutorService threads = Executors.newFixedThreadPool(40);
            server.pause();
            try {
                refusedInTime(() -> stores.ledger().admit(admission(principal, 0, 1, 1)));
                refusedInTime(() -> stores.keyStore().find(key));
                refusedInTime(() -> stores.ledger().beginEpoch("acme"));
                List<Future<?>> calls = new ArrayList<>();
                for (int n = 0; n < 400; n++) {
                    calls.add(threads.submit(
                            () -> refusedInTime(() -> stores.keyStore().find(key))));
                    calls.add(threads.submit(() -> assertThat(
                                    refused(() -> stores.ledger().admit(admission(principal, 0, 1, 1))))
                            .isLessThan(1000)));
                }
                for (Future<?> call : calls) {
                    call.get();
                }
                for (Admission request : open) {
                    stores.ledger().settle(request.requestId(), "acme", Settlement.notForwarded(1));
                }
                eventually(() -> !stores.usable());
            } finally {
                server.resume();
                threads.shutdownNow();
            }

            eventually(stores::usable);
            eventually(() -> admits(stores, admission(principal, 0, 1, 1)));
            eventually(() -> finds(stores, key));
            eventually(
                    () -> database.holds("SELECT count(*) = 100 FROM gateway.settlement WHERE basis = 'NOT_FORWARDED'"
                            + " AND duration_millis = 1"));
        }
    }

    @Test
    void a_database_that_was_restarted_is_used_again_and_gets_what_was_settled_meanwhile() throws Exception {
        try (TestPostgres server = TestPostgres.start();
                LedgerDatabase database = LedgerDatabase.migratedIn(server);
                Administration administration = database.administration();
                PostgresStores stores = database.stores()) {
            administration.createTenant("acme", "Acme");
            Principal principal = principal(stores, createKey(administration, "acme"));
            Admission request = admission(principal, 0, 1, 9);
            assertThat(stores.ledger().admit(request)).isInstanceOf(Admitted.class);

            server.stop();
            refusedInTime(() -> stores.ledger().admit(admission(principal, 0, 1, 1)));
            stores.ledger().settle(request.requestId(), "acme", Settlement.notForwarded(1));
            server.restart();

            eventually(() -> admits(stores, admission(principal, 0, 1, 1)));
            eventually(() -> database.holds("SELECT count(*) = 1 FROM gateway.settlement"));
        }
    }

    @Test
    void broken_connections_are_replaced() throws Exception {
        try (LedgerDatabase database = LedgerDatabase.migrated();
                Administration administration = database.administration();
                PostgresStores stores = database.stores()) {
            administration.createTenant("acme", "Acme");
            Principal principal = principal(stores, createKey(administration, "acme"));

            database.value(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'gateway_app'");

            eventually(() -> admits(stores, admission(principal, 0, 1, 1)));
            eventually(Duration.ofSeconds(5), stores::usable);
        }
    }

    @Test
    void a_database_that_is_down_at_the_start_is_waited_for() {
        DatabaseSettings nowhere = DatabaseSettings.parse("postgresql://gateway_app:secret@localhost:1/gateway");
        try (PostgresStores stores = PostgresStores.open(nowhere, new SimpleMeterRegistry())) {
            assertThat(stores.usable()).isFalse();
            assertThat(stores.ledger().accepting()).isFalse();
            refusedInTime(() -> stores.keyStore().find(new KeyId("abcdefghijkl")));
            refusedInTime(() -> stores.ledger().beginEpoch("acme"));
        }
    }
}
