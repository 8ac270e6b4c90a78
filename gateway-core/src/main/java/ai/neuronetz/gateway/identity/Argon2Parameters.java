package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.Internal;

/**
 * What one Argon2id run costs.
 *
 * @param memoryKibibytes memory of one run, at least 8 per lane and at most 1,048,576
 * @param iterations passes over that memory, 1 to 100
 * @param parallelism lanes, 1 to 16
 */
@Internal
public record Argon2Parameters(int memoryKibibytes, int iterations, int parallelism) {

    private static final Argon2Parameters OWASP = new Argon2Parameters(19_456, 2, 1);
    private static final int MAX_MEMORY = 1 << 20;
    private static final int MAX_ITERATIONS = 100;
    private static final int MAX_PARALLELISM = 16;

    public Argon2Parameters {
        requireBetween("parallelism", parallelism, 1, MAX_PARALLELISM);
        requireBetween("iterations", iterations, 1, MAX_ITERATIONS);
        requireBetween("memoryKibibytes", memoryKibibytes, 8 * parallelism, MAX_MEMORY);
    }

    /**
     * 19 MiB, two passes, one lane: the cheapest set of the OWASP Password Storage Cheat Sheet. It is enough, since what
     * is hashed has 256 random bits.
     */
    public static Argon2Parameters owasp() {
        return OWASP;
    }

    static boolean areInRange(int memoryKibibytes, int iterations, int parallelism) {
        return isBetween(parallelism, 1, MAX_PARALLELISM)
                && isBetween(iterations, 1, MAX_ITERATIONS)
                && isBetween(memoryKibibytes, 8 * parallelism, MAX_MEMORY);
    }

    private static boolean isBetween(int value, int min, int max) {
        return value >= min && value <= max;
    }

    private static void requireBetween(String name, int value, int min, int max) {
        if (!isBetween(value, min, max)) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }
}
