package ai.neuronetz.gateway.bench.ledger;

import java.util.Arrays;

/** Durations in nanoseconds of what was done, and how often it was refused instead. Thread-safe. */
final class Latencies {

    private long[] nanos = new long[1024];
    private int count;
    private int refused;

    synchronized void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = duration;
    }

    synchronized void addRefusal() {
        refused++;
    }

    synchronized void addAll(Latencies others) {
        refused += others.refused;
        for (int n = 0; n < others.count; n++) {
            add(others.nanos[n]);
        }
    }

    synchronized int count() {
        return count;
    }

    synchronized int refused() {
        return refused;
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
