package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Budget;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.metering.Ledger.Entry.Fenced;
import ai.neuronetz.gateway.metering.Ledger.Entry.NeverFits;
import ai.neuronetz.gateway.metering.Ledger.Entry.Outdated;
import ai.neuronetz.gateway.metering.Ledger.Entry.OverBudget;
import ai.neuronetz.gateway.metering.Ledger.Entry.WrongEpoch;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerTest {

    private LedgerDatabase database;
    private Administration administration;
    private PostgresStores stores;
    private Ledger ledger;
    private KeyId key;

    @BeforeEach
    void open() throws SQLException {
        database = LedgerDatabase.migrated();
        administration = database.administration();
        stores = database.stores();
        ledger = stores.ledger();
        administration.createTenant("acme", "Acme");
        key = createKey(administration, "acme");
    }

    @AfterEach
    void close() throws SQLException {
        stores.close();
        administration.close();
        database.close();
    }

    private static Limits budgets(@Nullable Long day, @Nullable Long month, @Nullable Long total) {
        return new Limits(null, null, null, day, month, total);
    }

    private Admission request(long tokens) {
        return admission(principal(stores, key), 0, 1, tokens - 1);
    }

    private Settlement reported(long charged) {
        return new Settlement(Outcome.COMPLETED, Basis.REPORTED, 1L, charged - 1, charged, 200, 5L, 9L);
    }

    private String account(String column, String period) throws SQLException {
        return database.value("SELECT " + column
                + " FROM gateway.budget_account WHERE account = 't:acme' AND period = '" + period + "'");
    }

    private void eventuallySettled(UUID requestId) throws InterruptedException {
        eventually(() ->
                database.holds("SELECT count(*) = 1 FROM gateway.settlement WHERE request_id = '" + requestId + "'"));
    }

    @Test
    void a_request_without_budgets_is_admitted_and_named_in_the_audit_log() throws Exception {
        Admission request = request(10);

        assertThat(ledger.admit(request)).isEqualTo(new Admitted(null));
        ledger.settle(request.requestId(), "acme", reported(7));
        eventuallySettled(request.requestId());

        assertThat(administration.audit("acme", 1)).singleElement().satisfies(row -> {
            assertThat(row.kind()).isEqualTo("request");
            assertThat(row.requestId()).isEqualTo(request.requestId());
            assertThat(row.outcome()).isEqualTo("COMPLETED");
            assertThat(row.charged()).isEqualTo(7);
        });
    }

    @Test
    void the_budget_that_binds_is_the_one_with_the_least_room() {
        administration.setTenantLimits("acme", budgets(1000L, 5000L, null), null);
        administration.setKeyLimits(key, budgets(null, 100L, null), null);

        Entry entry = ledger.admit(request(40));

        assertThat(entry).isInstanceOfSatisfying(Admitted.class, admitted -> {
            Budget budget = requireNonNull(admitted.budget());
            assertThat(budget.limit()).isEqualTo(100);
            assertThat(budget.remaining()).isEqualTo(60);
            assertThat(budget.reset()).isAfter(Instant.now());
        });
    }

    @Test
    void a_request_fits_to_the_last_token_and_not_one_more() {
        administration.setTenantLimits("acme", budgets(100L, null, null), null);

        assertThat(ledger.admit(request(60))).isInstanceOf(Admitted.class);
        assertThat(ledger.admit(request(41)))
                .isInstanceOfSatisfying(
                        OverBudget.class,
                        over -> assertThat(over.budget().remaining()).isEqualTo(40));
        assertThat(ledger.admit(request(40)))
                .isInstanceOfSatisfying(
                        Admitted.class,
                        admitted -> assertThat(requireNonNull(admitted.budget()).remaining())
                                .isZero());
        assertThat(ledger.admit(request(101))).isInstanceOf(NeverFits.class);
    }

    @Test
    void a_spent_budget_names_the_reset_of_the_one_that_lasts_longest() {
        administration.setTenantLimits("acme", budgets(10L, null, 15L), null);
        assertThat(ledger.admit(request(10))).isInstanceOf(Admitted.class);

        assertThat(ledger.admit(request(10)))
                .isInstanceOfSatisfying(
                        OverBudget.class,
                        over -> assertThat(over.budget().reset()).isNull());
    }

    @Test
    void nothing_is_admitted_after_a_revoke_has_returned() {
        Principal before = principal(stores, key);
        administration.revokeKey(key);

        assertThat(ledger.admit(admission(before, 0, 1, 1))).isEqualTo(new Outdated());
        assertThat(ledger.admit(request(2))).isEqualTo(new Outdated());
        assertThat(stores.keyStore().revision(key)).isEmpty();
    }

    @Test
    void terms_that_have_changed_are_outdated() {
        Principal before = principal(stores, key);
        administration.setTenantLimits("acme", Limits.none(), 17);

        assertThat(ledger.admit(admission(before, 0, 1, 1))).isEqualTo(new Outdated());
        assertThat(principal(stores, key).maxOutputTokens()).isEqualTo(17);
        assertThat(ledger.admit(request(2))).isInstanceOf(Admitted.class);
    }

    @Test
    void an_expired_key_is_outdated_by_the_databases_clock() throws SQLException {
        Principal before = principal(stores, key);
        database.execute("UPDATE gateway.api_key SET expires_at = clock_timestamp() - interval '1 ms'");

        assertThat(ledger.admit(admission(before, 0, 1, 1))).isEqualTo(new Outdated());
    }

    @Test
    void no_admission_of_an_older_epoch_commits() {
        Admission open = request(10);
        ledger.admit(open);

        Epoch epoch = ledger.beginEpoch("acme");

        assertThat(epoch.number()).isEqualTo(1);
        assertThat(epoch.open()).containsExactly(new Epoch.Open(open.requestId(), key, 10));
        assertThat(epoch.admitted()).hasSize(1);
        assertThat(ledger.admit(request(10))).isEqualTo(new WrongEpoch());
        assertThat(ledger.admit(admission(principal(stores, key), 1, 1, 1))).isInstanceOf(Admitted.class);
    }

    @Test
    void a_settled_request_is_in_the_next_epochs_window() throws Exception {
        Admission request = request(10);
        ledger.admit(request);
        ledger.settle(request.requestId(), "acme", reported(7));
        eventuallySettled(request.requestId());

        Epoch epoch = ledger.beginEpoch("acme");

        assertThat(epoch.open()).isEmpty();
        assertThat(epoch.settled()).singleElement().satisfies(settled -> {
            assertThat(settled.keyId()).isEqualTo(key);
            assertThat(settled.charged()).isEqualTo(7);
            assertThat(settled.ageMillis()).isBetween(0L, 10_000L);
        });
    }

    @Test
    void the_first_settlement_counts_and_what_exceeds_the_reservation_is_booked_apart() throws Exception {
        administration.setTenantLimits("acme", budgets(100L, null, null), null);
        Admission request = request(40);
        ledger.admit(request);

        ledger.settle(request.requestId(), "acme", reported(50));
        ledger.settle(request.requestId(), "acme", reported(1));
        eventuallySettled(request.requestId());
        eventually(() -> ledger.admit(request(51)) instanceof OverBudget);

        assertThat(account("spent", "day")).isEqualTo("40");
        assertThat(account("overrun", "day")).isEqualTo("10");
        assertThat(account("reserved", "day")).isEqualTo("0");
        assertThat(ledger.admit(request(50))).isInstanceOf(Admitted.class);
    }

    @Test
    void a_request_settles_in_the_periods_it_was_admitted_in() throws Exception {
        Admission request = request(40);
        ledger.admit(request);
        // As if it had been admitted two months ago.
        database.execute("UPDATE gateway.open_reservation SET day_start = day_start - 60,"
                + " month_start = (month_start - interval '2 months')::date");
        database.execute(
                "UPDATE gateway.budget_account SET period_start = CASE period WHEN 'day' THEN period_start - 60"
                        + " ELSE (period_start - interval '2 months')::date END WHERE period <> 'total'");
        Admission today = request(5);
        ledger.admit(today);

        ledger.settle(request.requestId(), "acme", reported(30));
        eventuallySettled(request.requestId());

        for (String period : new String[] {"day", "month"}) {
            assertThat(database.value("SELECT string_agg(reserved || '/' || spent, ' ' ORDER BY period_start)"
                            + " FROM gateway.budget_account WHERE account = 't:acme' AND period = '" + period + "'"))
                    .isEqualTo("0/30 5/0");
        }
        assertThat(account("reserved || '/' || spent", "total")).isEqualTo("5/30");
    }

    @Test
    void a_limit_lowered_below_what_is_used_denies_and_lets_open_requests_settle() throws Exception {
        administration.setTenantLimits("acme", budgets(100L, 100L, 100L), null);
        Admission request = request(80);
        ledger.admit(request);
        administration.setTenantLimits("acme", budgets(50L, 50L, 50L), null);

        assertThat(ledger.admit(request(1))).isInstanceOf(OverBudget.class);
        ledger.settle(request.requestId(), "acme", reported(80));
        eventuallySettled(request.requestId());
        assertThat(ledger.admit(request(1))).isInstanceOf(OverBudget.class);

        administration.setTenantLimits("acme", budgets(200L, 200L, 200L), null);
        assertThat(ledger.admit(request(120))).isInstanceOf(Admitted.class);
        assertThat(ledger.admit(request(1))).isInstanceOf(OverBudget.class);
    }

    @Test
    void a_limit_set_later_counts_what_was_used_before() throws Exception {
        Admission request = request(80);
        ledger.admit(request);
        administration.setKeyLimits(key, budgets(100L, null, null), null);

        assertThat(ledger.admit(request(21))).isInstanceOf(OverBudget.class);
        assertThat(ledger.admit(request(20))).isInstanceOf(Admitted.class);
    }

    @Test
    void what_was_voided_first_is_never_admitted() throws Exception {
        Admission request = request(10);
        ledger.voidAdmission(request.requestId(), "acme");
        eventually(() -> ledger.admit(request) instanceof Fenced);

        assertThat(account("coalesce(sum(reserved), 0)", "day")).isEqualTo("0");
    }

    @Test
    void what_was_admitted_first_is_settled_with_nothing_charged_when_voided() throws Exception {
        Admission request = request(10);
        assertThat(ledger.admit(request)).isInstanceOf(Admitted.class);

        ledger.voidAdmission(request.requestId(), "acme");
        eventuallySettled(request.requestId());

        assertThat(database.value("SELECT basis || charged FROM gateway.settlement"))
                .isEqualTo("NOT_FORWARDED0");
        assertThat(account("reserved", "day")).isEqualTo("0");
        assertThat(ledger.admit(request)).isEqualTo(new Fenced());
    }

    @Test
    void admitting_the_same_request_again_reserves_once() throws Exception {
        Admission request = request(10);

        assertThat(ledger.admit(request)).isInstanceOf(Admitted.class);
        assertThat(ledger.admit(request)).isInstanceOf(Admitted.class);

        assertThat(account("reserved", "day")).isEqualTo("10");
    }

    @Test
    void one_request_with_impossible_values_is_denied_alone() {
        Principal principal = principal(stores, key);
        Admission spoilt = new Admission(LedgerDatabase.requestId(), principal, 0, "/api/chat", "nul \u0000", 1, 1);

        assertThat(catchThrowable(() -> ledger.admit(spoilt))).isInstanceOf(StoreUnavailableException.class);
        assertThat(ledger.admit(request(2))).isInstanceOf(Admitted.class);
    }

    @Test
    void a_dead_instances_open_requests_are_charged_in_full_and_it_admits_no_more() throws Exception {
        Admission request = request(40);
        ledger.admit(request);
        String dead = database.value("SELECT instance_id FROM gateway.gateway_instance");
        database.execute("UPDATE gateway.gateway_instance SET heartbeat_at = clock_timestamp() - interval '16 s'");
        database.value("SELECT gateway.heartbeat('young')");

        // An instance that was itself not heard long enough declares nobody dead.
        assertThat(database.value("SELECT gateway.reap('young', 15000)")).isEqualTo("0");
        database.execute("UPDATE gateway.gateway_instance SET unbroken_since = clock_timestamp() - interval '16 s'"
                + " WHERE instance_id = 'young'");
        database.execute("UPDATE gateway.gateway_instance SET heartbeat_at = clock_timestamp() - interval '16 s'"
                + " WHERE instance_id = '" + dead + "'");

        assertThat(database.value("SELECT gateway.reap('young', 15000)")).isEqualTo("1");
        assertThat(database.value("SELECT outcome || charged FROM gateway.settlement"))
                .isEqualTo("ORPHANED40");
        assertThat(ledger.admit(request(1))).isEqualTo(new Fenced());
        // It recovers under a new name.
        eventually(() -> ledger.accepting() && ledger.admit(request(1)) instanceof Admitted);
    }

    @Test
    void changes_of_keys_and_tenants_are_reported_within_a_second() throws Exception {
        var changes = new LinkedBlockingQueue<KeyChange>();
        stores.onKeyChange(changes::add);

        administration.setTenantLimits("acme", Limits.none(), 5);
        assertThat(changes.poll(1, TimeUnit.SECONDS)).isEqualTo(new KeyChange(key, true));
        administration.revokeKey(key);
        assertThat(changes.poll(1, TimeUnit.SECONDS)).isEqualTo(new KeyChange(key, false));
    }
}
