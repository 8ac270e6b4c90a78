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
import ai.neuronetz.gateway.metering.Settlement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LockContentionTest {

    private final LedgerDatabase database = LedgerDatabase.migrated();
    private final Administration administration = database.administration();
    private final ExecutorService threads = Executors.newFixedThreadPool(8);
    private final List<Future<?>> crowd = new ArrayList<>();
    private PostgresStores stores;
    private Principal stuck;
    private Principal free;

    @BeforeEach
    void two_tenants() {
        stores = database.stores();
        administration.createTenant("stuck", "Stuck");
        administration.createTenant("free", "Free");
        stuck = principal(stores, createKey(administration, "stuck"));
        free = principal(stores, createKey(administration, "free"));
        // Once each, so that connections and plans are there.
        assertThat(admits(stuck)).isTrue();
        assertThat(admits(free)).isTrue();
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        stores.close();
        administration.close();
    }

    @Test
    void a_tenant_whose_rows_are_locked_is_denied_in_time_and_delays_no_other() throws Exception {
        try (Connection holder = holding("SELECT 1 FROM gateway.tenant_gate WHERE tenant_id = 'stuck' FOR UPDATE")) {
            crowdOf(stuck);

            assertThat(medianMillis(free)).isLessThan(60);
            long begin = System.nanoTime();
            assertThat(admits(stuck)).isFalse();
            assertThat(millisSince(begin)).isLessThan(400);
            holder.rollback();
        }
        threads.shutdownNow();
        eventually(() -> admits(stuck));
    }

    @Test
    void locked_budgets_delay_no_other_tenant_either() throws Exception {
        try (Connection holder = holding("SELECT 1 FROM gateway.budget_account WHERE account = 't:stuck' FOR UPDATE")) {
            crowdOf(stuck);

            assertThat(medianMillis(free)).isLessThan(60);
            holder.rollback();
        }
    }

    @Test
    void if_admissions_waited_for_locks_every_tenant_would_be_delayed() throws Exception {
        database.execute("DO $do$ DECLARE source text; changed text; BEGIN"
                + " source := pg_get_functiondef('gateway.admit(jsonb, boolean)'::regprocedure);"
                + " changed := replace(source, 'SKIP LOCKED', '');"
                + " IF changed = source THEN RAISE 'nothing was taken out'; END IF;"
                + " EXECUTE changed; END $do$");
        try (Connection holder = holding("SELECT 1 FROM gateway.tenant_gate WHERE tenant_id = 'stuck' FOR UPDATE")) {
            crowdOf(stuck);

            assertThat(medianMillis(free)).isGreaterThan(60);
            holder.rollback();
        }
    }

    @Test
    void settlements_pass_the_one_whose_budget_is_locked_and_it_follows_when_it_can() throws Exception {
        Admission late = admission(stuck, 0, 1, 9);
        Admission prompt = admission(free, 0, 1, 9);
        assertThat(stores.ledger().admit(late)).isInstanceOf(Admitted.class);
        assertThat(stores.ledger().admit(prompt)).isInstanceOf(Admitted.class);
        try (Connection holder = holding("SELECT 1 FROM gateway.budget_account WHERE account = 't:stuck' FOR UPDATE")) {
            stores.ledger().settle(late.requestId(), "stuck", Settlement.notForwarded(1));
            stores.ledger().settle(prompt.requestId(), "free", Settlement.notForwarded(1));

            eventually(() -> settled(prompt));
            assertThat(settled(late)).isFalse();
            holder.rollback();
        }
        eventually(() -> settled(late));
    }

    private Connection holding(String lock) throws SQLException {
        Connection connection = database.connect(database.administrator());
        connection.setAutoCommit(false);
        connection.createStatement().execute(lock);
        return connection;
    }

    private void crowdOf(Principal principal) {
        for (int i = 0; i < 6; i++) {
            crowd.add(threads.submit(() -> {
                while (!threads.isShutdown()) {
                    admits(principal);
                }
            }));
        }
    }

    private long medianMillis(Principal principal) {
        long[] taken = new long[21];
        for (int i = 0; i < taken.length; i++) {
            long begin = System.nanoTime();
            admits(principal);
            taken[i] = millisSince(begin);
        }
        java.util.Arrays.sort(taken);
        return taken[10];
    }

    private static long millisSince(long begin) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    }

    private boolean admits(Principal principal) {
        try {
            return stores.ledger().admit(admission(principal, 0, 1, 1)) instanceof Admitted;
        } catch (StoreUnavailableException e) {
            return false;
        }
    }

    private boolean settled(Admission request) {
        return database.holds(
                "SELECT EXISTS (SELECT 1 FROM gateway.settlement WHERE request_id = '" + request.requestId() + "')");
    }
}
