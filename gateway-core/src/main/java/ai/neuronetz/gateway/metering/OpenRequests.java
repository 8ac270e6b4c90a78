package ai.neuronetz.gateway.metering;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Requests of this process that hold a place in the gate, by tenant.
 *
 * <p>A client that asks again the moment it has seen the end of its last answer finds that answer's reservation still in its
 * way, for the millisecond it takes to give it back. Who is refused while requests of its tenant are open therefore waits for
 * one of them to end, briefly and once. Thread-safe.
 */
final class OpenRequests {

    private static final long WAIT_MILLIS = 50;

    /** Each holds a thread. */
    private static final int MAX_WAITING = 32;

    private final ConcurrentHashMap<String, Tenant> tenants = new ConcurrentHashMap<>();
    private final Semaphore waiting = new Semaphore(MAX_WAITING);

    void opened(String tenantId) {
        Tenant tenant = tenants.computeIfAbsent(tenantId, id -> new Tenant());
        synchronized (tenant) {
            tenant.open++;
        }
    }

    void closed(String tenantId) {
        Tenant tenant = tenants.get(tenantId);
        if (tenant != null) {
            synchronized (tenant) {
                tenant.open--;
                tenant.ended++;
                tenant.notifyAll();
            }
        }
    }

    /** How many have ended so far; to be asked before the gate is. */
    long ended(String tenantId) {
        Tenant tenant = tenants.get(tenantId);
        if (tenant == null) {
            return 0;
        }
        synchronized (tenant) {
            return tenant.ended;
        }
    }

    /**
     * Whether one has ended since, perhaps after a short wait, so that asking again may help.
     *
     * @param before as {@link #ended} said
     */
    boolean awaitEnd(String tenantId, long before) {
        Tenant tenant = tenants.get(tenantId);
        if (tenant == null || !waiting.tryAcquire()) {
            return false;
        }
        try {
            return tenant.awaitEnd(before);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting.release();
        }
    }

    private static final class Tenant {

        private int open;
        private long ended;

        synchronized boolean awaitEnd(long before) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
            for (long left = WAIT_MILLIS; open > 0 && ended == before && left > 0; ) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
            return ended > before;
        }
    }
}
