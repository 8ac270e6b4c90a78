package ai.neuronetz.gateway.metering;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Places at the model server, over all tenants of this process. Ollama itself queues silently and without bound.
 *
 * <p>Thread-safe. Those who wait are served in order, and no more than a fixed number wait.
 */
final class UpstreamSlots {

    private final Semaphore places;
    private final Semaphore waitingRoom;
    private final long maxWaitNanos;

    /**
     * @param count places, at least 1
     * @param maxWaiting callers that may wait for one, at least 0
     * @param maxWait how long each may wait
     */
    UpstreamSlots(int count, int maxWaiting, Duration maxWait) {
        this.places = new Semaphore(count, true);
        this.waitingRoom = new Semaphore(maxWaiting);
        this.maxWaitNanos = maxWait.toNanos();
    }

    /** Takes a place, waiting a little; empty if there was none, or the thread was interrupted. */
    Optional<Slot> take() {
        try {
            if (places.tryAcquire(0, TimeUnit.NANOSECONDS)) {
                return Optional.of(new Slot());
            }
            if (!waitingRoom.tryAcquire()) {
                return Optional.empty();
            }
            try {
                return places.tryAcquire(maxWaitNanos, TimeUnit.NANOSECONDS)
                        ? Optional.of(new Slot())
                        : Optional.empty();
            } finally {
                waitingRoom.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    int free() {
        return places.availablePermits();
    }

    int waiting() {
        return places.getQueueLength();
    }

    /** One place; given back once, however often it is released. */
    final class Slot {

        private final AtomicBoolean released = new AtomicBoolean();

        private Slot() {}

        void release() {
            if (released.compareAndSet(false, true)) {
                places.release();
            }
        }
    }
}
