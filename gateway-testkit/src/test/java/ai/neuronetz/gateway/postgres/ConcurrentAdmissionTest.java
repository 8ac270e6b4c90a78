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
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.metering.Ledger.Entry.Outdated;
import ai.neuronetz.gateway.metering.Settlement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ConcurrentAdmissionTest {

    private static final long LIMIT = 1_000;
    private static final long TOKENS = 7;

    private final ExecutorService threads = Executors.newFixedThreadPool(16);
    private LedgerDatabase database;
    private Administration administration;
    private KeyId key;
    private KeyId other;

    @BeforeEach
    void open() throws SQLException {
        database = LedgerDatabase.migrated();
        administration = database.administration();
        administration.createTenant("acme", "Acme");
        key = createKey(administration, "acme");
        other = createKey(administration, "acme");
    }

    @AfterEach
    void close() throws SQLException {
        threads.shutdownNow();
        administration.close();
        database.close();
    }

    @ParameterizedTest
    @CsvSource({"tenant, day", "tenant, month", "tenant, total", "key, day", "key, month", "key, total"})
    void of_any_budget_exactly_as_much_is_admitted_as_fits(String of, String period) throws Exception {
        Limits limits = new Limits(
                null,
                null,
                null,
                period.equals("day") ? LIMIT : null,
                period.equals("month") ? LIMIT : null,
                period.equals("total") ? LIMIT : null);
        boolean tenant = of.equals("tenant");
        if (tenant) {
            administration.setTenantLimits("acme", limits, null);
        } else {
            administration.setKeyLimits(key, limits, null);
        }
        AtomicInteger admitted = new AtomicInteger();
        try (PostgresStores one = database.stores();
                PostgresStores two = database.stores();
                PostgresStores three = database.stores()) {
            List<PostgresStores> replicas = List.of(one, two, three);
            Principal first = principal(one, key);
            Principal second = tenant ? principal(one, other) : first;
            List<Future<?>> calls = new ArrayList<>();
            for (int n = 0; n < 400; n++) {
                PostgresStores replica = replicas.get(n % 3);
                Admission request = admission(n % 2 == 0 ? first : second, 0, 3, TOKENS - 3);
                calls.add(threads.submit(() -> {
                    if (answered(replica, request) instanceof Admitted) {
                        admitted.incrementAndGet();
                    }
                }));
            }
            for (Future<?> call : calls) {
                call.get();
            }
        }
        assertThat(admitted).hasValue((int) (LIMIT / TOKENS));
        assertThat(database.value("SELECT count(*) FROM gateway.admission")).isEqualTo(Long.toString(LIMIT / TOKENS));
    }

    /** On a busy machine a commit may take too long; asking again for the same request reserves once. */
    private static Entry answered(PostgresStores replica, Admission request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return replica.ledger().admit(request);
            } catch (StoreUnavailableException e) {
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }

    @Test
    void the_tables_constraint_holds_even_if_the_comparison_is_taken_out() throws Exception {
        administration.setTenantLimits("acme", new Limits(null, null, null, LIMIT, null, null), null);
        database.execute("DO $do$ DECLARE source text; changed text; BEGIN"
                + " source := pg_get_functiondef('gateway.admit(jsonb, boolean)'::regprocedure);"
                + " changed := replace(source, 'item.tokens > budget.room THEN', 'false THEN');"
                + " IF changed = source THEN RAISE 'nothing was taken out'; END IF;"
                + " EXECUTE changed; END $do$");
        try (PostgresStores stores = database.stores();
                Connection connection = database.connect(database.app())) {
            Principal principal = principal(stores, key);
            String instance = database.value("SELECT instance_id FROM gateway.gateway_instance");
            admit(connection, admission(principal, 0, 1, LIMIT - 1), instance);

            assertThatThrownBy(() -> admit(connection, admission(principal, 0, 1, 0), instance))
                    .hasMessageContaining("never_over_the_limit");
        }
    }

    private static void admit(Connection connection, Admission request, String instance) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.admit(?::jsonb, true)")) {
            statement.setString(
                    1,
                    LedgerJson.array()
                            .add(LedgerJson.admission(request, instance, 1000))
                            .toString());
            statement.executeQuery();
        }
    }

    @Test
    void while_keys_are_revoked_nothing_is_admitted_after_the_revoke_returned() throws Exception {
        try (PostgresStores one = database.stores();
                PostgresStores two = database.stores()) {
            Principal principal = principal(one, key);
            AtomicBoolean revoked = new AtomicBoolean();
            AtomicInteger after = new AtomicInteger();
            AtomicInteger before = new AtomicInteger();
            AtomicInteger unanswered = new AtomicInteger();
            List<Future<?>> calls = new ArrayList<>();
            for (int n = 0; n < 8; n++) {
                PostgresStores replica = n % 2 == 0 ? one : two;
                calls.add(threads.submit(() -> {
                    while (true) {
                        boolean late = revoked.get();
                        try {
                            Entry entry = replica.ledger().admit(admission(principal, 0, 1, 1));
                            if (entry instanceof Admitted) {
                                (late ? after : before).incrementAndGet();
                            } else if (entry instanceof Outdated) {
                                return;
                            }
                        } catch (StoreUnavailableException e) {
                            unanswered.incrementAndGet();
                        }
                    }
                }));
            }
            eventually(Duration.ofSeconds(30), () -> before.get() > 50);
            administration.revokeKey(key);
            revoked.set(true);
            for (Future<?> call : calls) {
                call.get();
            }
            assertThat(after)
                    .as("admitted after the revoke; %s went unanswered", unanswered)
                    .hasValue(0);
        }
    }

    @Test
    void admissions_voids_and_settlements_at_once_leave_each_request_with_one_end() throws Exception {
        try (PostgresStores one = database.stores();
                PostgresStores two = database.stores()) {
            Principal principal = principal(one, key);
            Principal second = principal(two, other);
            List<Future<?>> calls = new ArrayList<>();
            for (int n = 0; n < 600; n++) {
                int number = n;
                PostgresStores replica = n % 2 == 0 ? one : two;
                PostgresStores stranger = n % 2 == 0 ? two : one;
                Admission request = admission(n % 3 == 0 ? principal : second, 0, 1, 1);
                calls.add(threads.submit(() -> {
                    if (number % 4 == 0) {
                        stranger.ledger().voidAdmission(request.requestId(), "acme");
                    }
                    try {
                        if (replica.ledger().admit(request) instanceof Admitted) {
                            replica.ledger().settle(request.requestId(), "acme", Settlement.notForwarded(1));
                        }
                    } catch (StoreUnavailableException e) {
                        replica.ledger().voidAdmission(request.requestId(), "acme");
                    }
                    if (number % 4 == 1) {
                        stranger.ledger().voidAdmission(request.requestId(), "acme");
                    }
                }));
            }
            for (Future<?> call : calls) {
                call.get();
            }
        }
        assertThat(database.value("SELECT count(*) FROM gateway.open_reservation"))
                .isEqualTo("0");
        assertThat(database.value(
                        "SELECT count(*) FROM gateway.admission FULL JOIN gateway.settlement USING (request_id)"
                                + " WHERE admission IS NULL OR settlement IS NULL"))
                .isEqualTo("0");
        assertThat(database.value("SELECT sum(reserved) || '/' || sum(spent) FROM gateway.budget_account"))
                .isEqualTo("0/0");
        assertThat(database.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("0");
    }
}
