package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.bench.QuietLog;
import ai.neuronetz.gateway.identity.KeyId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** One of the replicas of {@link MillionAdmissions}, in a process of its own. */
final class MillionAdmissionsReplica {

    private static final int MOST_REPETITIONS = 1_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Limiter limiter;
    private final AtomicLong left;
    private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();

    private MillionAdmissionsReplica(Limiter limiter, long attempts) {
        this.limiter = limiter;
        this.left = new AtomicLong(attempts);
    }

    public static void main(String[] arguments) throws Exception {
        QuietLog.apply();
        Parameters parameters = Parameters.of(arguments);
        int threads = parameters.count("threads", 8);
        try (Limiter limiter = limiter(parameters, threads)) {
            ChildProcess.say(System.out, Map.of("ready", "yes"));
            ChildProcess.awaitBegin();
            new MillionAdmissionsReplica(limiter, parameters.number("attempts")).run(threads);
        }
        // What the limiter had still to write is written.
        ChildProcess.say(System.out, Map.of("closed", "yes"));
    }

    private static Limiter limiter(Parameters parameters, int threads) throws Exception {
        long tokens = parameters.number("tokens");
        if (parameters.text("limiter").equals("usual")) {
            return new CheckThenCharge(parameters.text("jdbc"), threads, parameters.number("limit"), tokens);
        }
        List<KeyId> keys = Stream.of(parameters.text("keys").split(",", -1))
                .map(KeyId::new)
                .toList();
        return new GatewayLimiter(parameters.text("database"), parameters.text("redis"), keys, tokens);
    }

    private void run(int threads) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        long begin = System.nanoTime();
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int caller = 0; caller < threads; caller++) {
                int number = caller;
                runs.add(callers.submit(() -> {
                    call(number);
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            callers.shutdownNow();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        Map<String, Object> said = new TreeMap<>();
        said.put("seconds", String.format(Locale.ROOT, "%.1f", seconds));
        outcomes.forEach((outcome, count) -> said.put(outcome, count.sum()));
        ChildProcess.say(System.out, said);
    }

    private void call(int caller) throws Exception {
        while (left.getAndDecrement() > 0) {
            String outcome = limiter.decide(caller);
            // An attempt counts when it was decided; what was not decided holds nothing, and is asked again.
            for (int again = 0; outcome.equals(Limiter.UNANSWERED) && again < MOST_REPETITIONS; again++) {
                count("repeated");
                // A client told to come back in a second does not come back at once.
                LockSupport.parkNanos(PAUSE_NANOS);
                outcome = limiter.decide(caller);
            }
            count(outcome);
        }
    }

    private void count(String outcome) {
        outcomes.computeIfAbsent(outcome, name -> new LongAdder()).increment();
    }
}
