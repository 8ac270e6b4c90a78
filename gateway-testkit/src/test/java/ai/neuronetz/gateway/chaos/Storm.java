package ai.neuronetz.gateway.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Faults in a row, about one a second; a few may strike at a time. */
final class Storm {

    private static final Duration EVERY = Duration.ofSeconds(1);

    /** None lasts longer than its random numbers can make it, its gateway's restart and the turns before it. */
    private static final Duration LONGEST = Duration.ofMinutes(3);

    /** One fault and the seed it strikes with. */
    record Strike(Fault fault, long seed) {}

    private Storm() {}

    /** Every kind once in an order of chance, and again in another order, until there are enough. */
    static List<Strike> draw(List<Fault> kinds, int count, long seed) {
        Random random = new Random(seed);
        List<Strike> strikes = new ArrayList<>();
        List<Fault> order = new ArrayList<>(kinds);
        while (strikes.size() < count) {
            Collections.shuffle(order, random);
            for (Fault fault : order.subList(0, Math.min(order.size(), count - strikes.size()))) {
                strikes.add(new Strike(fault, random.nextLong()));
            }
        }
        return strikes;
    }

    /** Returns when all are over, with what went wrong in the harness itself. */
    static List<String> rage(List<Strike> strikes, int atATime) throws InterruptedException {
        Queue<String> troubles = new ConcurrentLinkedQueue<>();
        Semaphore places = new Semaphore(atATime);
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "fault");
            thread.setDaemon(true);
            return thread;
        });
        try {
            for (Strike strike : strikes) {
                places.acquire();
                threads.execute(() -> {
                    try {
                        strike.fault().strike(new Random(strike.seed()));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (RuntimeException e) {
                        troubles.add(strike.fault().name() + ": " + e);
                    } finally {
                        places.release();
                    }
                });
                TimeUnit.NANOSECONDS.sleep(EVERY.toNanos());
            }
            threads.shutdown();
            if (!threads.awaitTermination(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                troubles.add("a fault did not end within " + LONGEST);
            }
        } finally {
            threads.shutdownNow();
        }
        return List.copyOf(troubles);
    }
}
