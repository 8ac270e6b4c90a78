package ai.neuronetz.gateway.identity;

import org.jspecify.annotations.Nullable;

/**
 * The limits of a key or of a tenant, by which the third stage reserves. Immutable; a component that is null is not limited.
 *
 * @param requestsPerMinute requests admitted in any 60 seconds
 * @param tokensPerMinute tokens, input and output together, in any 60 seconds
 * @param concurrency requests open at once
 * @param dayBudget tokens per UTC day
 * @param monthBudget tokens per UTC month
 * @param totalBudget tokens ever
 */
public record Limits(
        @Nullable Long requestsPerMinute,
        @Nullable Long tokensPerMinute,
        @Nullable Long concurrency,
        @Nullable Long dayBudget,
        @Nullable Long monthBudget,
        @Nullable Long totalBudget) {

    private static final Limits NONE = new Limits(null, null, null, null, null, null);

    public Limits {
        requireNotNegative("requestsPerMinute", requestsPerMinute);
        requireNotNegative("tokensPerMinute", tokensPerMinute);
        requireNotNegative("concurrency", concurrency);
        requireNotNegative("dayBudget", dayBudget);
        requireNotNegative("monthBudget", monthBudget);
        requireNotNegative("totalBudget", totalBudget);
    }

    /** Nothing is limited. */
    public static Limits none() {
        return NONE;
    }

    private static void requireNotNegative(String name, @Nullable Long value) {
        if (value != null && value < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
        }
    }
}
