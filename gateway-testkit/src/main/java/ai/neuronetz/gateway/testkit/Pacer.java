package ai.neuronetz.gateway.testkit;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs what is due later, for all streams of a mock, on two threads. Thread-safe. */
final class Pacer implements AutoCloseable {
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(2, task -> {
        Thread thread = new Thread(task, "mock-ollama-pace");
        thread.setDaemon(true);
        return thread;
    });

    /** {@code task} must not block, and has to report its failures itself. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void after(long nanos, Runnable task) {
        scheduler.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
