package ai.neuronetz.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.identity.KeyProofs.Bounds;
import ai.neuronetz.gateway.identity.KeyProofs.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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
class KeyProofsTest {

    private static final byte[] CODE = {1, 2, 3};
    private static final Bounds LONG_WAIT = new Bounds(1, 2, Duration.ofSeconds(20));
    private static final Bounds SHORT_WAIT = new Bounds(1, 2, Duration.ofMillis(20));

    private final Counter runs = new SimpleMeterRegistry().counter("runs");
    private final FakeTicker ticker = new FakeTicker();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Thread> asking = ConcurrentHashMap.newKeySet();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    @AfterEach
    void stopThreads() throws InterruptedException {
        mayEnd.countDown();
        threads.shutdownNow();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void callers_with_the_same_key_share_one_run() throws Exception {
        KeyProofs proofs = slow(LONG_WAIT);
        ApiKey key = ApiKey.generate();
        List<Future<Outcome>> outcomes = new ArrayList<>();

        for (int caller = 0; caller < 20; caller++) {
            outcomes.add(ask(proofs, key));
        }
        awaitUntil(() -> waitingThreads() == 20);
        mayEnd.countDown();

        for (Future<Outcome> outcome : outcomes) {
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo(Outcome.PROVEN);
        }
        assertThat(runs.count()).isEqualTo(1);
    }

    @Test
    void a_failing_run_leaves_nobody_waiting() throws Exception {
        KeyProofs proofs = new KeyProofs(
                (key, phc) -> {
                    begun.countDown();
                    awaitEnd();
                    throw new IllegalStateException("broken by the test");
                },
                LONG_WAIT,
                ticker,
                runs);
        ApiKey key = ApiKey.generate();
        Future<Outcome> leader = ask(proofs, key);
        begun.await();
        Future<Outcome> follower = ask(proofs, key);
        awaitUntil(() -> waitingThreads() == 2);

        mayEnd.countDown();

        assertThat(leader).failsWithin(Duration.ofSeconds(20));
        assertThat(follower.get(20, TimeUnit.SECONDS)).isEqualTo(Outcome.BUSY);
        assertThat(ask(proofs, key)).failsWithin(Duration.ofSeconds(20));
    }

    @Test
    void one_caller_too_many_in_the_queue_is_turned_away_at_once() throws Exception {
        KeyProofs proofs = slow(LONG_WAIT);
        List<Future<Outcome>> admitted = new ArrayList<>();
        admitted.add(ask(proofs, ApiKey.generate()));
        begun.await();
        admitted.add(ask(proofs, ApiKey.generate()));
        admitted.add(ask(proofs, ApiKey.generate()));
        awaitUntil(() -> waitingThreads() == 3);

        assertThat(proofs.prove(ApiKey.generate(), CODE, "phc")).isEqualTo(Outcome.BUSY);

        mayEnd.countDown();
        for (Future<Outcome> outcome : admitted) {
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo(Outcome.PROVEN);
        }
        assertThat(runs.count()).isEqualTo(3);
    }

    @Test
    void nobody_waits_longer_than_allowed() throws Exception {
        KeyProofs proofs = slow(SHORT_WAIT);
        ApiKey key = ApiKey.generate();
        Future<Outcome> first = ask(proofs, key);
        begun.await();

        assertThat(proofs.prove(ApiKey.generate(), CODE, "phc")).isEqualTo(Outcome.BUSY);
        assertThat(proofs.prove(key, CODE, "phc of " + key.id())).isEqualTo(Outcome.BUSY);
        assertThat(proofs.hashIfIdle(() -> "never")).isEmpty();
        assertThat(first.isDone()).isFalse();
    }

    @Test
    void an_interrupted_caller_is_turned_away_and_stays_interrupted() throws Exception {
        KeyProofs proofs = slow(LONG_WAIT);
        Future<Outcome> first = ask(proofs, ApiKey.generate());
        begun.await();

        Thread.currentThread().interrupt();

        assertThat(proofs.prove(ApiKey.generate(), CODE, "phc")).isEqualTo(Outcome.BUSY);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(first.isDone()).isFalse();
    }

    @Test
    void a_proof_is_remembered_for_an_hour_after_its_last_use_and_for_its_string_only() {
        KeyProofs proofs = new KeyProofs((key, phc) -> phc.equals("right"), SHORT_WAIT, ticker, runs);
        ApiKey key = ApiKey.generate();

        assertThat(proofs.prove(key, CODE, "right")).isEqualTo(Outcome.PROVEN);
        assertThat(proofs.prove(key, CODE, "right")).isEqualTo(Outcome.PROVEN);
        assertThat(runs.count()).isEqualTo(1);

        assertThat(proofs.prove(key, CODE, "wrong")).isEqualTo(Outcome.DISPROVEN);
        assertThat(proofs.prove(key, CODE, "wrong")).isEqualTo(Outcome.DISPROVEN);
        assertThat(runs.count()).isEqualTo(3);

        assertThat(proofs.isKnown(key.id(), CODE)).isTrue();
        assertThat(proofs.isKnown(key.id(), new byte[] {1, 2, 4})).isFalse();
        ticker.advance(Duration.ofHours(1));
        assertThat(proofs.isKnown(key.id(), CODE)).isFalse();
    }

    private KeyProofs slow(Bounds bounds) {
        return new KeyProofs(
                (key, phc) -> {
                    begun.countDown();
                    awaitEnd();
                    return true;
                },
                bounds,
                ticker,
                runs);
    }

    private Future<Outcome> ask(KeyProofs proofs, ApiKey key) {
        return threads.submit(() -> {
            asking.add(Thread.currentThread());
            return proofs.prove(key, CODE, "phc of " + key.id());
        });
    }

    private void awaitEnd() {
        try {
            assertThat(mayEnd.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
        }
    }

    private long waitingThreads() {
        return asking.stream()
                .filter(thread ->
                        thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING)
                .count();
    }

    private static void awaitUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).isNegative();
            Thread.onSpinWait();
        }
    }
}
