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

    private static final int RARE_IN_A_ROUND = 6;

    /** One fault and the seed it strikes with. */
    record Strike(Fault fault, long seed) {}

    private Storm() {}

    /**
     * Rounds of every kind in an order of chance. Of the many points at which a gateway can crash or stall, and of the kinds
     * that last longest, only a few are in each round: otherwise hardly ever a gateway would be well.
     */
    static List<Strike> draw(List<Fault> kinds, int count, long seed) {
        Random random = new Random(seed);
        List<Fault> common = new ArrayList<>(kinds);
        List<Fault> rare = new ArrayList<>(kinds);
        common.removeIf(Storm::rare);
        rare.removeIf(kind -> !rare(kind));
        Collections.shuffle(rare, random);
        List<Strike> strikes = new ArrayList<>();
        while (strikes.size() < count) {
            List<Fault> round = new ArrayList<>(common);
            int few = common.isEmpty() ? rare.size() : Math.min(rare.size(), RARE_IN_A_ROUND);
            round.addAll(rare.subList(0, few));
            Collections.rotate(rare, -few);
            Collections.shuffle(round, random);
            for (Fault fault : round.subList(0, Math.min(round.size(), count - strikes.size()))) {
                strikes.add(new Strike(fault, random.nextLong()));
            }
        }
        return strikes;
    }

    private static boolean rare(Fault fault) {
        return fault.name().contains(":") || fault.name().endsWith("-long");
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
