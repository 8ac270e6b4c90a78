package ai.neuronetz.gateway.bench.ledger;

import java.util.Arrays;

/** Durations in nanoseconds, as many as were taken. Thread-safe for adding. */
final class Latencies {

    private long[] nanos = new long[1024];
    private int count;

    synchronized void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = duration;
    }

    synchronized void addAll(Latencies others) {
        for (int n = 0; n < others.count; n++) {
            add(others.nanos[n]);
        }
    }

    synchronized int count() {
        return count;
    }

    /** In milliseconds; NaN if nothing was taken. */
    synchronized double percentile(double percent) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(percent / 100 * count);
        return sorted[Math.max(0, rank - 1)] / 1e6;
    }

    double median() {
        return percentile(50);
    }

    double p99() {
        return percentile(99);
    }

    double max() {
        return percentile(100);
    }
}
