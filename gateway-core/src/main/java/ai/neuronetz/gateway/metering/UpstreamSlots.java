package ai.neuronetz.gateway.metering;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The places at Ollama this process may take at once. Ollama itself queues in silence and without bound, so the gateway does
 * not let it come to that.
 *
 * <p>Thread-safe.
 */
final class UpstreamSlots {

    private final Semaphore free;
    private final Semaphore waiting;
    private final Duration maxWait;

    /**
     * @param slots at least 1
     * @param maxWaiting requests that may wait for a place
     * @param maxWait how long each may
     */
    UpstreamSlots(int slots, int maxWaiting, Duration maxWait) {
        this.free = new Semaphore(slots, true);
        this.waiting = new Semaphore(maxWaiting);
        this.maxWait = maxWait;
    }

    /** Whether a place was taken; it is to be given back. */
    boolean take() {
        if (free.tryAcquire()) {
            return true;
        }
        if (!waiting.tryAcquire()) {
            return false;
        }
        try {
            return free.tryAcquire(maxWait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting.release();
        }
    }

    void giveBack() {
        free.release();
    }

    int free() {
        return free.availablePermits();
    }
}
