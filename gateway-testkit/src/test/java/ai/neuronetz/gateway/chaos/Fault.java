package ai.neuronetz.gateway.chaos;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One kind of trouble. It strikes, lasts as long as it decides with the random numbers given, and is over when
 * {@link #strike} returns or throws.
 *
 * <p>Thread-safe: of several at once, those that trouble the same process take turns.
 */
interface Fault {

    /** Unique on a stage, such as {@code redis-flush} or {@code crash:AFTER_LEDGER_ADMIT}. */
    String name();

    void strike(Random random) throws InterruptedException;

    /** A fault from a name and what it does. */
    static Fault of(String name, Strike strike) {
        return new Fault() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void strike(Random random) throws InterruptedException {
                strike.with(random);
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }

    /** Lets the trouble last. */
    static void last(Random random, int leastMillis, int mostMillis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(leastMillis, mostMillis + 1));
    }

    /** What a fault does. */
    interface Strike {
        void with(Random random) throws InterruptedException;
    }
}
