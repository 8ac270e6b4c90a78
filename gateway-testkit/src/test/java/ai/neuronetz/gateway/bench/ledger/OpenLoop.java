package ai.neuronetz.gateway.bench.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Calls at a fixed rate, whether or not the calls before have ended. Each is measured from the instant it was planned for, so
 * that what waits behind a slow one counts as slow too.
 */
final class OpenLoop {

    private OpenLoop() {}

    /** Calls one at a time. */
    interface Caller extends Closeable {
        /** Calls, and returns the {@link System#nanoTime} at which the answer began; empty if it was a refusal. */
        OptionalLong firstByteAt() throws IOException;

        @Override
        default void close() throws IOException {}
    }

    /** @param callers at least as many as calls can be open at once; each is made for this run and closed after it */
    static Latencies run(int callers, Supplier<Caller> caller, int perSecond, long seconds) throws Exception {
        Latencies latencies = new Latencies();
        AtomicInteger next = new AtomicInteger();
        long total = perSecond * seconds;
        List<Caller> made = Stream.generate(caller).limit(callers).toList();
        long begin = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (Caller each : made) {
                runs.add(threads.submit(() -> {
                    for (int n = next.getAndIncrement(); n < total; n = next.getAndIncrement()) {
                        call(each, begin + n * TimeUnit.SECONDS.toNanos(1) / perSecond, latencies);
                    }
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            threads.shutdownNow();
            for (Caller each : made) {
                each.close();
            }
        }
        return latencies;
    }

    private static void call(Caller caller, long planned, Latencies latencies) throws IOException {
        for (long left = planned - System.nanoTime(); left > 0; left = planned - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        OptionalLong first = caller.firstByteAt();
        if (first.isPresent()) {
            latencies.add(first.getAsLong() - planned);
        } else {
            latencies.addRefusal();
        }
    }
}
