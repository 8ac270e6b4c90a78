package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/** What the contracts have in common. */
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class SpiContract {

    private static final Duration ALL_CALLERS = Duration.ofSeconds(30);

    /**
     * Makes the store hang, connected but silent. By default such tests are skipped.
     *
     * @return ends it
     */
    protected Runnable hang() {
        return skipped("hang");
    }

    /** How long a call may take while the store hangs. Defaults to two seconds: the promise, and a busy machine's share. */
    protected Duration deadline() {
        return Duration.ofSeconds(2);
    }

    /** How long what is done later may take. Defaults to ten seconds. */
    protected Duration patience() {
        return Duration.ofSeconds(10);
    }

    final void whileStoreHangs(Runnable questions) {
        Runnable resume = hang();
        try {
            questions.run();
        } finally {
            resume.run();
        }
    }

    static Runnable skipped(String method) {
        return Assumptions.abort("override " + method + "() to have this tested");
    }

    /** What all callers got who asked at the same instant, in no order. */
    static <T> List<T> atOnce(int callers, IntFunction<T> call) {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        CountDownLatch ready = new CountDownLatch(callers);
        CountDownLatch start = new CountDownLatch(1);
        try {
            List<Future<T>> answers = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                int number = caller;
                answers.add(threads.submit(() -> {
                    ready.countDown();
                    start.await();
                    return call.apply(number);
                }));
            }
            ready.await();
            start.countDown();
            List<T> all = new ArrayList<>();
            for (Future<T> answer : answers) {
                all.add(result(answer, ALL_CALLERS));
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** The call's answer, which must come in time. */
    static <T> T within(Duration limit, Supplier<T> call) {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            return result(thread.submit(call::get), limit);
        } finally {
            thread.shutdownNow();
        }
    }

    /** A busy machine may make a call late; one that may be repeated is. */
    static <T> T patiently(Supplier<T> call) {
        for (int attempt = 0; ; attempt++) {
            try {
                return call.get();
            } catch (StoreUnavailableException e) {
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }

    final void eventually(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + patience().toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end)
                    .as("still waiting until %s", what)
                    .isNegative();
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private static <T> T result(Future<T> answer, Duration limit) {
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within " + limit, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
