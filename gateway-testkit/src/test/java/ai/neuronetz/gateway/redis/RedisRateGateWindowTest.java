package ai.neuronetz.gateway.redis;

import static ai.neuronetz.gateway.redis.GateFixture.limits;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import ai.neuronetz.gateway.testkit.TestRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The window in real time, shortened to 200 ms. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedisRateGateWindowTest {

    private static final SlidingWindow SHORT = new SlidingWindow(10, 20);
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final Limits NONE = Limits.none();

    private static RedisStores stores;

    private final GateFixture fixture = new GateFixture(stores, SHORT);

    @BeforeAll
    static void start() {
        stores = RedisStores.open(RedisSettings.parse(TestRedis.shared().url()), new SimpleMeterRegistry());
    }

    @AfterAll
    static void stop() {
        stores.close();
    }

    @Test
    void after_the_time_told_a_request_passes_and_not_before() {
        fixture.begin(1);
        Principal byRequests = fixture.principal(limits(3L, null, null), NONE);
        for (int i = 0; i < 3; i++) {
            fixture.admit(byRequests, 1);
        }
        assertTrueRetryAfter(byRequests, 1);

        GateFixture other = new GateFixture(stores, SHORT);
        other.begin(1);
        Principal byTokens = other.principal(NONE, limits(null, 100L, null));
        for (int charged : List.of(30, 40, 30)) {
            UUID request = UUID.randomUUID();
            other.admit(request, byTokens, charged);
            other.settle(request, charged);
        }
        assertTrueRetryAfter(byTokens, 45);
    }

    @Test
    void in_no_window_is_a_limit_exceeded_whatever_the_order_of_requests() {
        long seed = 20261125;
        Random random = new Random(seed);
        long tokenLimit = 400;
        long requestLimit = 25;
        fixture.begin(1);
        Principal principal = fixture.principal(limits(requestLimit, null, 8L), limits(null, tokenLimit, null));
        List<Passed> all = new ArrayList<>();
        List<Passed> open = new ArrayList<>();

        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2500);
        while (System.nanoTime() < end) {
            if (open.isEmpty() || random.nextInt(3) > 0) {
                Passed passed = new Passed(1 + random.nextInt(60));
                passed.admitBegan = System.nanoTime();
                if (fixture.admit(passed.id, principal, passed.tokens) instanceof GateResult.Admitted) {
                    passed.admitEnded = System.nanoTime();
                    all.add(passed);
                    open.add(passed);
                }
            } else {
                Passed passed = open.remove(random.nextInt(open.size()));
                passed.charged = random.nextInt(passed.tokens + 1);
                passed.settleBegan = System.nanoTime();
                fixture.settle(passed.id, passed.charged);
                passed.settleEnded = System.nanoTime();
            }
        }

        // More than fits one window must have passed, else nothing was tried.
        assertThat(all).as("seed %d", seed).hasSizeGreaterThan((int) (2 * requestLimit));
        for (Passed at : all) {
            long now = at.admitEnded;
            assertThat(all.stream().filter(each -> each.admittedWithin(now)).count())
                    .as("requests, seed %d", seed)
                    .isLessThanOrEqualTo(requestLimit);
            assertThat(all.stream().mapToLong(each -> each.heldAt(now)).sum())
                    .as("tokens, seed %d", seed)
                    .isLessThanOrEqualTo(tokenLimit);
        }
    }

    @Test
    void what_has_left_the_window_is_not_kept() {
        fixture.begin(1);

        for (int i = 0; i < 600; i++) {
            UUID request = UUID.randomUUID();
            KeyId key = new KeyId(String.format(java.util.Locale.ROOT, "key%09d", i));
            fixture.admit(request, fixture.principal(key, NONE, NONE), 5);
            fixture.settle(request, 5);
            awaitPast(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1));
        }

        // 600 keys leave 1,200 windows; a window's time holds about 200 keys at most.
        assertThat(fixture.dump().size()).isLessThan(700);
    }

    private void assertTrueRetryAfter(Principal principal, long tokens) {
        GateFixture of = new GateFixture(stores, SHORT);
        UUID request = UUID.randomUUID();
        long began = System.nanoTime();
        GateResult.Refused refused = (GateResult.Refused) of.admit(request, principal, tokens);
        long ended = System.nanoTime();
        Duration wait = refused.retryAfter();
        assertThat(wait).isBetween(Duration.ofMillis(1), Duration.ofMillis(210));

        while (System.nanoTime() < ended + wait.toNanos()) {
            GateResult early = of.admit(request, principal, tokens);
            if (System.nanoTime() < began + wait.minusMillis(1).toNanos()) {
                assertThat(early).isInstanceOf(GateResult.Refused.class);
            }
        }
        awaitPast(ended + wait.plusMillis(1).toNanos());

        assertThat(of.admit(request, principal, tokens)).isInstanceOf(GateResult.Admitted.class);
    }

    private static void awaitPast(long nanoTime) {
        while (System.nanoTime() < nanoTime) {
            Thread.onSpinWait();
        }
    }

    /** One request, with the bounds within which the server acted; all by {@link System#nanoTime}. */
    private static final class Passed {
        final UUID id = UUID.randomUUID();
        final int tokens;
        int charged;
        long admitBegan;
        long admitEnded;
        long settleBegan = Long.MAX_VALUE;
        long settleEnded = Long.MAX_VALUE;

        Passed(int tokens) {
            this.tokens = tokens;
        }

        /** Certainly, whatever the delays: so that only a real excess is one. */
        boolean admittedWithin(long now) {
            return admitEnded <= now && admitBegan >= now - WINDOW_NANOS + TICK_NANOS;
        }

        long heldAt(long now) {
            if (admitEnded <= now && settleBegan >= now) {
                return tokens;
            }
            return settleEnded <= now && settleBegan >= now - WINDOW_NANOS + TICK_NANOS ? charged : 0;
        }
    }
}
