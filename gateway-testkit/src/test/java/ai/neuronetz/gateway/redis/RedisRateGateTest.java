package ai.neuronetz.gateway.redis;

import static ai.neuronetz.gateway.redis.GateFixture.KEY;
import static ai.neuronetz.gateway.redis.GateFixture.OTHER_KEY;
import static ai.neuronetz.gateway.redis.GateFixture.limits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import ai.neuronetz.gateway.metering.RateGate.Limit;
import ai.neuronetz.gateway.metering.RateStatus;
import ai.neuronetz.gateway.testkit.TestRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedisRateGateTest {

    private static final int CALLERS = 200;
    private static final Limits NONE = Limits.none();

    private static TestRedis redis;
    private static RedisStores stores;

    private final GateFixture fixture = new GateFixture(stores, SlidingWindow.MINUTE);

    @BeforeAll
    static void start() {
        redis = TestRedis.start();
        stores = RedisStores.open(RedisSettings.parse(redis.url()), new SimpleMeterRegistry());
    }

    @AfterAll
    static void stop() {
        stores.close();
        redis.close();
    }

    @Test
    void a_tenant_never_seen_is_unknown_and_after_a_rebuild_admitted_under_its_epoch() {
        Principal principal = fixture.principal(NONE, NONE);

        assertThat(fixture.admit(principal, 10)).isEqualTo(new GateResult.Unknown(fixture.identity()));
        fixture.begin(7);

        assertThat(fixture.admit(principal, 10))
                .isEqualTo(new GateResult.Admitted(7, fixture.identity(), new RateStatus(null, null)));
    }

    @Test
    void of_200_at_once_exactly_as_many_pass_as_tokens_per_minute_have_room_for() throws Exception {
        fixture.begin(1);

        assertThat(admittedAtOnce(fixture.principal(limits(null, 7L * 30 + 6, null), NONE), 7))
                .isEqualTo(30);
    }

    @Test
    void of_200_at_once_exactly_as_many_pass_as_requests_per_minute_have_room_for() throws Exception {
        fixture.begin(1);

        assertThat(admittedAtOnce(fixture.principal(NONE, limits(41L, null, null)), 1))
                .isEqualTo(41);
    }

    @Test
    void of_200_at_once_exactly_as_many_pass_as_concurrency_has_room_for() throws Exception {
        fixture.begin(1);

        assertThat(admittedAtOnce(fixture.principal(limits(null, null, 13L), NONE), 1))
                .isEqualTo(13);
    }

    @Test
    void a_tenants_ceiling_binds_over_all_its_keys() {
        fixture.begin(1);
        Limits tenant = limits(null, 100L, null);

        fixture.admit(fixture.principal(KEY, tenant, NONE), 60);

        assertThat(fixture.admit(fixture.principal(OTHER_KEY, tenant, NONE), 41))
                .isInstanceOf(GateResult.Refused.class);
        assertThat(fixture.admit(fixture.principal(OTHER_KEY, tenant, NONE), 40))
                .isInstanceOf(GateResult.Admitted.class);
    }

    @Test
    void a_keys_limit_binds_that_key_only() {
        fixture.begin(1);
        Limits key = limits(1L, null, null);

        fixture.admit(fixture.principal(KEY, NONE, key), 1);

        assertThat(fixture.admit(fixture.principal(KEY, NONE, key), 1)).isInstanceOf(GateResult.Refused.class);
        assertThat(fixture.admit(fixture.principal(OTHER_KEY, NONE, key), 1)).isInstanceOf(GateResult.Admitted.class);
    }

    @Test
    void asking_twice_for_one_request_counts_once() {
        fixture.begin(1);
        Principal principal = fixture.principal(limits(2L, 100L, 2L), NONE);
        UUID request = UUID.randomUUID();

        GateResult first = fixture.admit(request, principal, 60);
        List<Object> state = fixture.dump();

        assertThat(fixture.admit(request, principal, 60)).isInstanceOf(GateResult.Admitted.class);
        assertThat(first).isInstanceOf(GateResult.Admitted.class);
        assertThat(fixture.dump()).isEqualTo(state);
    }

    @Test
    void a_refusal_writes_nothing() {
        fixture.begin(1);
        Principal principal = fixture.principal(limits(null, 100L, null), NONE);
        fixture.admit(principal, 60);
        List<Object> state = fixture.dump();

        assertThat(fixture.admit(principal, 60)).isInstanceOf(GateResult.Refused.class);

        assertThat(fixture.dump()).isEqualTo(state);
    }

    @Test
    void settling_twice_is_settling_once() {
        fixture.begin(1);
        Principal principal = fixture.principal(limits(null, 100L, null), NONE);
        UUID request = UUID.randomUUID();
        fixture.admit(request, principal, 90);

        fixture.settle(request, 30);
        fixture.settle(request, 30);
        fixture.settle(UUID.randomUUID(), 30);

        assertThat(fixture.admit(principal, 71)).isInstanceOf(GateResult.Refused.class);
        assertThat(fixture.admit(principal, 70)).isInstanceOf(GateResult.Admitted.class);
    }

    @Test
    void a_settled_request_still_counts_as_a_request() {
        fixture.begin(1);
        Principal principal = fixture.principal(limits(1L, null, null), NONE);
        UUID request = UUID.randomUUID();
        fixture.admit(request, principal, 1);

        fixture.settle(request, 0);

        assertThat(fixture.admit(principal, 1)).isInstanceOfSatisfying(GateResult.Refused.class, refused -> {
            assertThat(refused.limit()).isEqualTo(Limit.REQUESTS);
            assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(58), Duration.ofSeconds(61));
            assertThat(refused.status().requests().remaining()).isZero();
        });
    }

    @Test
    void a_request_larger_than_the_tokens_per_minute_never_passes() {
        fixture.begin(1);

        assertThat(fixture.admit(fixture.principal(limits(null, 100L, null), NONE), 101))
                .isInstanceOfSatisfying(
                        GateResult.Refused.class,
                        refused -> assertThat(refused.retryAfter()).isNull());
    }

    @Test
    void a_limit_of_zero_never_lets_anything_pass() {
        fixture.begin(1);

        for (Limits zero : List.of(limits(0L, null, null), limits(null, 0L, null), limits(null, null, 0L))) {
            assertThat(fixture.admit(fixture.principal(NONE, zero), 1))
                    .isInstanceOfSatisfying(
                            GateResult.Refused.class,
                            refused -> assertThat(refused.retryAfter()).isNull());
        }
    }

    @Test
    void while_only_open_requests_are_in_the_way_a_second_is_told() {
        fixture.begin(1);
        Principal principal = fixture.principal(limits(null, 100L, null), NONE);
        fixture.admit(principal, 100);

        assertThat(fixture.admit(principal, 1))
                .isInstanceOfSatisfying(
                        GateResult.Refused.class,
                        refused -> assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
    }

    @Test
    void the_status_is_that_of_the_party_with_less_room() {
        fixture.begin(1);

        GateResult result = fixture.admit(fixture.principal(limits(100L, 500L, null), limits(10L, 1000L, null)), 50);

        assertThat(result).isInstanceOfSatisfying(GateResult.Admitted.class, admitted -> {
            assertThat(admitted.status().requests().limit()).isEqualTo(10);
            assertThat(admitted.status().requests().remaining()).isEqualTo(9);
            assertThat(admitted.status().requests().resetMillis()).isBetween(60_000L, 61_000L);
            assertThat(admitted.status().tokens().limit()).isEqualTo(500);
            assertThat(admitted.status().tokens().remaining()).isEqualTo(450);
        });
    }

    @Test
    void large_numbers_stay_exact() {
        fixture.begin(1);
        long most = 1L << 40;
        Principal principal = fixture.principal(limits(null, 3 * most, null), limits(null, Long.MAX_VALUE, null));

        for (int i = 0; i < 2; i++) {
            fixture.admit(principal, most);
        }

        assertThat(fixture.admit(principal, most - 1)).isInstanceOf(GateResult.Admitted.class);
        assertThat(fixture.admit(principal, 2)).isInstanceOf(GateResult.Refused.class);
        assertThat(fixture.admit(principal, 1)).isInstanceOf(GateResult.Admitted.class);
        assertThatThrownBy(() -> fixture.gate.admit(UUID.randomUUID(), principal, most + 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_rebuild_brings_back_what_is_open_charged_and_admitted() {
        UUID open = UUID.randomUUID();
        fixture.begin(new Epoch(
                3,
                List.of(new Epoch.Open(open, KEY, 40)),
                List.of(new Epoch.Settled(KEY, 20, 30_000), new Epoch.Settled(OTHER_KEY, 5, 0)),
                List.of(new Epoch.Admitted(KEY, 59_999), new Epoch.Admitted(KEY, 100))));
        Limits tenant = limits(3L, 100L, 2L);

        assertThat(fixture.admit(fixture.principal(tenant, NONE), 36)).isInstanceOf(GateResult.Refused.class);
        assertThat(fixture.admit(fixture.principal(tenant, NONE), 35)).isInstanceOf(GateResult.Admitted.class);
        assertThat(fixture.admit(fixture.principal(NONE, limits(3L, null, null)), 1))
                .isInstanceOf(GateResult.Refused.class);
        assertThat(fixture.admit(fixture.principal(limits(null, null, 2L), NONE), 1))
                .isInstanceOf(GateResult.Refused.class);
        fixture.settle(open, 0);
        assertThat(fixture.admit(fixture.principal(limits(null, null, 2L), NONE), 1))
                .isInstanceOf(GateResult.Admitted.class);
    }

    @Test
    void a_rebuild_of_an_epoch_that_is_not_newer_does_nothing() {
        fixture.begin(5);
        fixture.admit(fixture.principal(NONE, NONE), 10);
        List<Object> state = fixture.dump();

        fixture.begin(5);
        fixture.begin(4);

        assertThat(fixture.dump()).isEqualTo(state);
    }

    @Test
    void a_rebuild_meant_for_another_process_does_nothing() {
        fixture.gate.rebuild(fixture.tenant, "0123:4567", new Epoch(9, List.of(), List.of(), List.of()));

        assertThat(fixture.dump()).isEmpty();
        assertThat(fixture.admit(fixture.principal(NONE, NONE), 1)).isInstanceOf(GateResult.Unknown.class);
    }

    @Test
    void state_of_another_process_or_history_is_unknown() {
        fixture.begin(1);

        fixture.redis("return {redis.call('HSET', KEYS[1], 'identity', ARGV[1])}", "other:" + fixture.identity());

        assertUnknownAndUntouched();
    }

    @Test
    void state_without_its_open_requests_is_unknown() {
        fixture.begin(1);
        fixture.admit(fixture.principal(NONE, NONE), 1);

        fixture.redis("return {redis.call('DEL', KEYS[2])}");

        assertUnknownAndUntouched();
    }

    @Test
    void open_requests_without_their_state_are_unknown_and_settling_one_does_not_hide_it() {
        fixture.begin(1);
        UUID request = UUID.randomUUID();
        fixture.admit(request, fixture.principal(NONE, NONE), 1);

        fixture.redis("return {redis.call('DEL', KEYS[1])}");
        fixture.settle(request, 1);

        assertUnknownAndUntouched();
    }

    @Test
    void state_that_lost_a_sum_or_a_window_is_unknown() {
        for (String field : List.of("o:T", "q:T", "t:T", "n", "last", "epoch", "o:" + KEY, "c:" + KEY)) {
            GateFixture each = new GateFixture(stores, SlidingWindow.MINUTE);
            each.begin(1);
            each.admit(each.principal(NONE, NONE), 1);

            each.redis("return {redis.call('HDEL', KEYS[1], ARGV[1])}", field);

            assertThat(each.admit(each.principal(NONE, NONE), 1)).as(field).isInstanceOf(GateResult.Unknown.class);
        }
    }

    @Test
    void after_everything_was_flushed_nothing_is_admitted() throws Exception {
        fixture.begin(1);
        Principal principal = fixture.principal(limits(null, 1000L, null), NONE);
        fixture.admit(principal, 900);

        redis.flush();

        assertThat(admittedAtOnce(principal, 1)).isZero();
        assertUnknownAndUntouched();
    }

    @Test
    void with_the_guard_taken_out_a_flush_forgets_what_was_used() {
        RedisScript unguarded = new RedisScript("absent_is_zero", TestScripts.withState("absent_is_zero.lua"));
        GateFixture open = new GateFixture(stores, unguarded, SlidingWindow.MINUTE);
        Principal principal = open.principal(limits(null, 1000L, null), NONE);
        assertThat(open.admit(principal, 900)).isInstanceOf(GateResult.Admitted.class);
        assertThat(open.admit(principal, 900)).isInstanceOf(GateResult.Refused.class);

        redis.flush();

        assertThat(open.admit(principal, 900)).isInstanceOf(GateResult.Admitted.class);
    }

    private void assertUnknownAndUntouched() {
        List<Object> state = fixture.dump();
        assertThat(fixture.admit(fixture.principal(NONE, NONE), 1))
                .isEqualTo(new GateResult.Unknown(fixture.identity()));
        assertThat(fixture.dump()).isEqualTo(state);
    }

    private int admittedAtOnce(Principal principal, long tokens) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<GateResult>> results = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                results.add(callers.submit(() -> {
                    go.await();
                    return fixture.admit(principal, tokens);
                }));
            }
            go.countDown();
            int admitted = 0;
            for (Future<GateResult> result : results) {
                admitted += result.get() instanceof GateResult.Admitted ? 1 : 0;
            }
            return admitted;
        } finally {
            callers.shutdownNow();
        }
    }
}
