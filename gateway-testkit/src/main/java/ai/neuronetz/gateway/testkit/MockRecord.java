package ai.neuronetz.gateway.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The ground truth: what came and what was done for it. Thread-safe; keeps the newest {@code limit} of each. */
final class MockRecord {
    private final int limit;
    private final AtomicLong sequence = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by lock.
    private final Deque<ReceivedRequest> requests = new ArrayDeque<>();
    private final Deque<LiveGeneration> generations = new ArrayDeque<>();
    private int open;
    private int peak;

    MockRecord(int limit) {
        this.limit = limit;
    }

    ReceivedRequest add(String method, String target, Map<String, List<String>> headers, String body) {
        ReceivedRequest request = new ReceivedRequest(
                sequence.incrementAndGet(), method, target, headers, body, Instant.now(), System.nanoTime());
        lock.lock();
        try {
            append(requests, request);
        } finally {
            lock.unlock();
        }
        return request;
    }

    LiveGeneration open(ReceivedRequest request, String model, long promptTokens) {
        LiveGeneration generation = new LiveGeneration(request, model, promptTokens, this::closed);
        lock.lock();
        try {
            append(generations, generation);
            open++;
            peak = Math.max(peak, open);
        } finally {
            lock.unlock();
        }
        return generation;
    }

    List<ReceivedRequest> requests() {
        lock.lock();
        try {
            return List.copyOf(requests);
        } finally {
            lock.unlock();
        }
    }

    List<Generation> generations() {
        lock.lock();
        try {
            return generations.stream().map(LiveGeneration::snapshot).toList();
        } finally {
            lock.unlock();
        }
    }

    int openCount() {
        lock.lock();
        try {
            return open;
        } finally {
            lock.unlock();
        }
    }

    int peak() {
        lock.lock();
        try {
            return peak;
        } finally {
            lock.unlock();
        }
    }

    void clear() {
        lock.lock();
        try {
            requests.clear();
            generations.clear();
            peak = open;
        } finally {
            lock.unlock();
        }
    }

    void awaitQuiet(Duration limit) throws InterruptedException {
        lock.lock();
        try {
            long left = limit.toNanos();
            while (open > 0) {
                if (left <= 0) {
                    throw new IllegalStateException(open + " generations still open after " + limit);
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void closed() {
        lock.lock();
        try {
            open--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private <T> void append(Deque<T> deque, T element) {
        deque.addLast(element);
        if (deque.size() > limit) {
            deque.removeFirst();
        }
    }
}
