package ai.neuronetz.gateway.app;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and SIGINT, by way of the JVM's shutdown hooks.
 *
 * <p>The JVM ends when its hooks have returned, whatever other threads do; so the hook waits until the command is done, and
 * then ends the process with the command's own exit code instead of the signal's. Thread-safe.
 */
final class TerminationSignal implements StopSignal {

    // Beyond the grace, which bounds the command itself, the hook waits this long for the command to end.
    private static final Duration PATIENCE = Duration.ofDays(1).plusMinutes(1);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile int exitCode = 1;
    private volatile boolean awaited;

    TerminationSignal() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "termination"));
    }

    @Override
    public void await() throws InterruptedException {
        awaited = true;
        asked.await();
    }

    /** To be called when the command has ended, before the process does. */
    void finished(int code) {
        exitCode = code;
        done.countDown();
    }

    private void stop() {
        asked.countDown();
        if (!awaited) {
            // Nothing to stop in order: a short command was interrupted, or has ended and the process with it.
            return;
        }
        try {
            if (done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                Runtime.getRuntime().halt(exitCode);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
