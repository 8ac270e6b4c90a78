package ai.neuronetz.gateway.metering;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * How an admitted request ended and what it cost: what the fifth stage decides, and the second half of the request's audit row.
 * Immutable.
 *
 * @param outcome how it ended
 * @param basis where the charged count comes from
 * @param inputTokens as Ollama reported them, or null
 * @param outputTokens as Ollama reported them, or null
 * @param charged tokens charged, at least 0
 * @param upstreamStatus Ollama's HTTP status, or null if none arrived
 * @param firstByteMillis from admission to the first byte of Ollama's answer, or null if none came
 * @param durationMillis from admission to the end
 */
public record Settlement(
        Outcome outcome,
        Basis basis,
        @Nullable Long inputTokens,
        @Nullable Long outputTokens,
        long charged,
        @Nullable Integer upstreamStatus,
        @Nullable Long firstByteMillis,
        long durationMillis) {

    /** How an admitted request ended. */
    public enum Outcome {
        COMPLETED,
        CLIENT_GONE,
        UPSTREAM_FAILED,
        /** Cut by the gateway: a revoked key, a stop, a total time-out. */
        CUT,
        /** Nothing left the gateway. */
        NOT_FORWARDED
    }

    /** Where a charged count comes from. */
    public enum Basis {
        /** The final frame. */
        REPORTED,
        /** The final frame told the output only; the input is charged at its bound. */
        REPORTED_BOUND,
        /** What was seen pass: there was no final frame, or none whose counts can be believed. */
        OBSERVED,
        /** The whole reservation: nothing is known, or what was reported is beyond belief. */
        UPPER_BOUND,
        /** Nothing was forwarded, nothing is charged. */
        NOT_FORWARDED
    }

    public Settlement {
        requireNonNull(outcome, "outcome");
        requireNonNull(basis, "basis");
        if (charged < 0) {
            throw new IllegalArgumentException("charged: " + charged + " (expected: >= 0)");
        }
    }

    /** Nothing was forwarded. */
    public static Settlement notForwarded(long durationMillis) {
        return new Settlement(Outcome.NOT_FORWARDED, Basis.NOT_FORWARDED, null, null, 0, null, null, durationMillis);
    }
}
