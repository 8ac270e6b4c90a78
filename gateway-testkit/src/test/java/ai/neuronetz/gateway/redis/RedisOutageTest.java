package ai.neuronetz.gateway.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import ai.neuronetz.gateway.testkit.TestRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedisOutageTest {

    private final TestRedis redis = TestRedis.start();
    private final RedisStores stores = RedisStores.open(RedisSettings.parse(redis.url()), new SimpleMeterRegistry());
    private final GateFixture fixture = new GateFixture(stores, SlidingWindow.MINUTE);
    private final Principal principal = fixture.principal(Limits.none(), Limits.none());

    @AfterEach
    void close() {
        stores.close();
        redis.close();
    }

    @Test
    void while_redis_hangs_every_call_is_unavailable_in_time_and_afterwards_it_works_again() throws Exception {
        fixture.begin(1);
        assertThat(stores.usable()).isTrue();

        redis.pause();
        List<Long> waves = new ArrayList<>();
        for (int wave = 0; wave < 3; wave++) {
            waves.addAll(unavailableAfter(200));
        }

        waves.sort(null);
        assertThat(waves.get(waves.size() / 2)).as("median ms").isLessThanOrEqualTo(300);
        // Of 200 threads on a busy machine some get to run late; that is not a queue in front of Redis.
        assertThat(waves.get(waves.size() - 1)).as("longest ms").isLessThan(3000);
        await(() -> !stores.usable());
        // One caller alone is not held up by what the 600 before it left behind.
        long first = unavailableAfter(1).get(0);
        long second = unavailableAfter(1).get(0);
        assertThat(Math.min(first, second)).isLessThanOrEqualTo(300);

        redis.resume();
        await(this::admits);
        await(stores::usable);
    }

    @Test
    void a_redis_that_was_restarted_is_reached_again_and_knows_nothing() {
        fixture.begin(1);
        String before = fixture.identity();

        redis.stop();
        assertThatThrownBy(() -> fixture.gate.admit(UUID.randomUUID(), principal, 1))
                .isInstanceOf(StoreUnavailableException.class);
        redis.restart();

        await(() -> result() instanceof GateResult.Unknown);
        assertThat(result()).isEqualTo(new GateResult.Unknown(fixture.identity()));
        assertThat(fixture.identity()).isNotEqualTo(before);
        fixture.begin(2);
        await(this::admits);
    }

    @Test
    void a_redis_that_is_away_at_the_start_denies_and_is_found_when_it_comes() {
        redis.stop();
        try (RedisStores early = RedisStores.open(RedisSettings.parse(redis.url()), new SimpleMeterRegistry())) {
            GateFixture late = new GateFixture(early, SlidingWindow.MINUTE);

            assertThat(early.usable()).isFalse();
            assertThatThrownBy(() -> late.gate.admit(UUID.randomUUID(), principal, 1))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("REDIS_URL");

            redis.restart();
            await(early::usable);
            late.begin(1);
            assertThat(late.admit(late.principal(Limits.none(), Limits.none()), 1))
                    .isInstanceOf(GateResult.Admitted.class);
        }
    }

    @Test
    void an_error_of_redis_is_unavailable_and_its_text_names_no_value() {
        assertThatThrownBy(() -> stores.calls()
                        .run(new RedisScript("test", "return redis.call('GET')"), List.of("gw:{secret-tenant}:s")))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageNotContaining("secret-tenant")
                .hasNoCause();
    }

    @Test
    void an_interrupt_ends_the_wait_and_is_kept() {
        redis.pause();
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> fixture.gate.admit(UUID.randomUUID(), principal, 1))
                .isInstanceOf(StoreUnavailableException.class);

        assertThat(Thread.interrupted()).isTrue();
        redis.resume();
    }

    private List<Long> unavailableAfter(int callers) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<Future<Long>> waits = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                waits.add(threads.submit(() -> {
                    long began = System.nanoTime();
                    assertThatThrownBy(() -> fixture.gate.admit(UUID.randomUUID(), principal, 1))
                            .isInstanceOf(StoreUnavailableException.class);
                    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
                }));
            }
            List<Long> millis = new ArrayList<>();
            for (Future<Long> wait : waits) {
                millis.add(wait.get());
            }
            return millis;
        } finally {
            threads.shutdownNow();
        }
    }

    private boolean admits() {
        return result() instanceof GateResult.Admitted;
    }

    private GateResult result() {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try {
                return fixture.gate.admit(UUID.randomUUID(), principal, 1);
            } catch (StoreUnavailableException e) {
                if (System.nanoTime() > until) {
                    throw e;
                }
            }
        }
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(until);
            Thread.onSpinWait();
        }
    }
}
