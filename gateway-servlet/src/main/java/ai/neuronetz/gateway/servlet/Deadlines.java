package ai.neuronetz.gateway.servlet;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks again and again at everything that has a time limit. Thousands of streams each set a limit per frame; looking at
 * all of them a few times per limit is cheaper than a timer task for each, and late by an eighth of a limit at most.
 */
final class Deadlines implements AutoCloseable {

    /** Something with a time limit. */
    interface Limited {

        /** Called from the timer's thread; must not block. */
        void expireIfDue(long nanoTime);
    }

    private final Set<Limited> watched = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "gateway-deadlines");
        thread.setDaemon(true);
        return thread;
    });

    private final Future<?> looking;

    Deadlines(Duration shortest) {
        long pause = Math.max(5, Math.min(1000, shortest.toMillis() / 8));
        looking = timer.scheduleWithFixedDelay(this::look, pause, pause, TimeUnit.MILLISECONDS);
    }

    void watch(Limited limited) {
        watched.add(limited);
    }

    void forget(Limited limited) {
        watched.remove(limited);
    }

    @Override
    public void close() {
        looking.cancel(false);
        timer.shutdown();
    }

    private void look() {
        long now = System.nanoTime();
        watched.removeIf(limited -> failed(limited, now));
    }

    private static boolean failed(Limited limited, long now) {
        try {
            limited.expireIfDue(now);
            return false;
        } catch (RuntimeException | Error failure) {
            // One that fails must not stop the clock for all others; its own limit is lost with it.
            return true;
        }
    }
}
