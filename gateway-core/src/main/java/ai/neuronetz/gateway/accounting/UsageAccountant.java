package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import org.jspecify.annotations.Nullable;

/**
 * Charges what Ollama reported, and where it reported nothing credible, what was seen.
 *
 * <ul>
 *   <li>The answer is complete and both counts are credible: their sum. It may exceed the reservation; the truth counts.
 *   <li>Complete, and only the output is credible: the input at its bound.
 *   <li>Anything else that was forwarded: the input at its bound, and an output token for each byte of text or each frame
 *       that was seen, whichever is more; at most the reservation. Ollama evaluates the prompt before it answers, so that a
 *       client who leaves early has caused that work.
 *   <li>Ollama refused before it generated anything (a status of 400 to 499, or 503): 1. It did no work worth the bound, but
 *       what was forwarded is never free. Other failures are charged as above: the work may well have been done.
 *   <li>Nothing was forwarded: 0.
 * </ul>
 *
 * <p>A count is credible if it is at least 1 and at most ten times what was reserved.
 */
final class UsageAccountant implements Accountant {

    private static final long CREDIBLE = 10;

    @Override
    public void account(Reservation reservation, Observation observation) {
        reservation.settle(settlement(reservation, observation));
    }

    static Settlement settlement(Reservation reservation, Observation seen) {
        if (!seen.forwarded()) {
            return Settlement.notForwarded(seen.durationMillis());
        }
        long reserved = reservation.tokens();
        long inputBound = reservation.grant().inputBound();
        Long input = credible(seen.inputTokens(), reserved);
        Long output = credible(seen.outputTokens(), reserved);
        if (seen.finished() && output != null) {
            return input == null
                    ? of(seen, Basis.REPORTED_BOUND, null, output, inputBound + output)
                    : of(seen, Basis.REPORTED, input, output, input + output);
        }
        if (refused(seen)) {
            return of(seen, Basis.OBSERVED, null, null, 1);
        }
        long outputSeen = Math.max(0, Math.max(seen.frames(), seen.outputBytes()));
        // Not added first: the sum of two large numbers could be negative.
        long charged = outputSeen >= reserved - inputBound ? reserved : inputBound + outputSeen;
        return of(seen, Basis.OBSERVED, input, output, Math.max(1, charged));
    }

    private static boolean refused(Observation seen) {
        Integer status = seen.upstreamStatus();
        boolean refusal = status != null && (status == 503 || (status >= 400 && status < 500));
        return refusal && seen.frames() == 0 && seen.outputBytes() == 0;
    }

    private static @Nullable Long credible(@Nullable Long count, long reserved) {
        return count != null && count >= 1 && count / CREDIBLE <= reserved ? count : null;
    }

    private static Settlement of(
            Observation seen, Basis basis, @Nullable Long input, @Nullable Long output, long charged) {
        return new Settlement(
                seen.outcome(),
                basis,
                input,
                output,
                charged,
                seen.upstreamStatus(),
                seen.firstByteMillis(),
                seen.durationMillis());
    }
}
