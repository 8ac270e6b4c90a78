package ai.neuronetz.gateway.prompts;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A redactor on a thread of its own, so that one that hangs can be left. While it hangs it is not asked again. */
final class TimedRedactor implements AutoCloseable {

    private final Redactor redactor;
    private final long patienceMillis;
    private final Semaphore idle = new Semaphore(1);
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Threads.named("gateway-prompts-redactor"));

    /** @param patience for one text, and for the redactor to come back from an earlier one */
    TimedRedactor(Redactor redactor, Duration patience) {
        this.redactor = redactor;
        this.patienceMillis = patience.toMillis();
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * Redacts.
     *
     * @throws UnredactedException whatever went wrong; it tells nothing of the text, and has no cause that could
     */
    String redact(String text) throws UnredactedException, InterruptedException {
        if (!idle.tryAcquire(patienceMillis, TimeUnit.MILLISECONDS)) {
            throw new UnredactedException("it has not come back from an earlier text", true);
        }
        Redaction redaction = new Redaction(() -> redactor.redact(text));
        thread.execute(redaction);
        String redacted;
        try {
            redacted = redaction.get(patienceMillis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new UnredactedException("it took longer than " + patienceMillis + " ms", true);
        } catch (ExecutionException e) {
            Throwable thrown = e.getCause() == null ? e : e.getCause();
            throw new UnredactedException("it threw " + thrown.getClass().getName(), false);
        } finally {
            redaction.cancel(true);
        }
        if (redacted == null) {
            throw new UnredactedException("it returned null", false);
        }
        return redacted;
    }

    /** Gives the place back when the redactor has come back, however long after it was given up. */
    private final class Redaction extends FutureTask<@Nullable String> {

        Redaction(Callable<@Nullable String> redacting) {
            super(redacting);
        }

        @Override
        public void run() {
            try {
                super.run();
            } finally {
                idle.release();
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
