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
import ai.neuronetz.gateway.metering.Settlement;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several processes that admit requests of one tenant without a pause, all of which need the same rows. */
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HotTenantTest {

    private static final int REPLICAS = 3;
    private static final int CALLERS = 8;
    private static final int ADMISSIONS = 6_000;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void requests_of_one_tenant_are_settled_as_fast_as_they_are_admitted() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(REPLICAS * CALLERS);
        List<PostgresStores> replicas = new ArrayList<>();
        try (LedgerDatabase database = LedgerDatabase.migrated();
                Administration administration = database.administration()) {
            administration.createTenant("acme", "Acme");
            for (int replica = 0; replica < REPLICAS; replica++) {
                replicas.add(PostgresStores.open(database.app(), registry));
            }
            Principal principal = principal(replicas.get(0), createKey(administration, "acme"));
            AtomicInteger left = new AtomicInteger(ADMISSIONS);
            List<Future<?>> calls = new ArrayList<>();
            for (int caller = 0; caller < REPLICAS * CALLERS; caller++) {
                PostgresStores stores = replicas.get(caller % REPLICAS);
                calls.add(callers.submit(() -> {
                    while (left.get() > 0) {
                        admitAndSettle(stores, principal, left);
                    }
                }));
            }
            for (Future<?> call : calls) {
                call.get();
            }

            long open = Long.parseLong(database.value("SELECT count(*) FROM gateway.open_reservation"));
            assertThat(open).isLessThan(ADMISSIONS / 10);
            eventually(
                    Duration.ofSeconds(10), () -> database.holds("SELECT count(*) = 0 FROM gateway.open_reservation"));
        } finally {
            callers.shutdownNow();
            replicas.forEach(PostgresStores::close);
        }
    }

    private static void admitAndSettle(PostgresStores stores, Principal principal, AtomicInteger left) {
        Admission admission = admission(principal, 0, 1, 9);
        try {
            stores.ledger().admit(admission);
            left.decrementAndGet();
            stores.ledger().settle(admission.requestId(), "acme", Settlement.notForwarded(1));
        } catch (StoreUnavailableException tooLate) {
            stores.ledger().voidAdmission(admission.requestId(), "acme");
        }
    }
}
