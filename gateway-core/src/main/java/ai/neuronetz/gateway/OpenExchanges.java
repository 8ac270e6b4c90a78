package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.KeyId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The exchanges that are being forwarded: what a revoked key or a stop has to cut. Thread-safe. */
final class OpenExchanges {

    private static final Duration CUT_LIMIT = Duration.ofSeconds(5);

    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();
    private volatile boolean draining;

    void add(Relay relay) {
        relays.add(relay);
    }

    void remove(Relay relay) {
        relays.remove(relay);
        if (draining && relays.isEmpty()) {
            lock.lock();
            try {
                empty.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    int count() {
        return relays.size();
    }

    boolean draining() {
        return draining;
    }

    int cut(KeyId keyId, Reason reason) {
        List<Relay> ofKey =
                relays.stream().filter(relay -> relay.keyId().equals(keyId)).toList();
        ofKey.forEach(relay -> relay.cut(reason));
        return ofKey.size();
    }

    /** All that are open now. */
    void cutAll(Reason reason) {
        List.copyOf(relays).forEach(relay -> relay.cut(reason));
    }

    /** Those that should have ended long ago. */
    void cutOverdue(Duration longest, Reason reason) {
        relays.stream().filter(relay -> relay.overdue(longest)).toList().forEach(relay -> relay.cut(reason));
    }

    void drain(Duration grace, Reason reason) {
        draining = true;
        awaitEmpty(grace);
        cutAll(reason);
        awaitEmpty(CUT_LIMIT);
    }

    private void awaitEmpty(Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (!relays.isEmpty() && left > 0) {
                // The time-out of one wait is short, because an exchange may end between the check and the wait.
                long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(50));
                left -= slice - Math.max(0, empty.awaitNanos(slice));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
