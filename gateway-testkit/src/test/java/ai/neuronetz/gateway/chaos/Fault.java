package ai.neuronetz.gateway.chaos;

import java.util.Random;

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
}
