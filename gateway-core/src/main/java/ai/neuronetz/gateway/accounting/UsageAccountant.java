package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import org.jspecify.annotations.Nullable;

/**
 * Charges what Ollama reports, and a bound where it reports nothing that can be believed.
 *
 * <p>A count is believed if it is not negative and not absurd. Where the output is believed and the input is missing (older
 * versions leave it out for cached prompts) the input is charged at its bound. Where there is no believable output, the
 * input's bound and what was seen pass are charged, at most the reservation: a token of output has at least a byte of text,
 * so bytes seen bound the tokens seen. A request that may have reached Ollama is never charged nothing, also if Ollama
 * answered it with an error: it may have evaluated the prompt before it failed.
 *
 * <p>Thread-safe.
 */
public final class UsageAccountant implements Accountant {

    /** Beyond this a count says more about Ollama than about the request. */
    private static final long ABSURD = 100_000_000;

    @Override
    public void account(Reservation reservation, Observation seen) {
        reservation.settle(settlement(reservation, seen));
    }

    private static Settlement settlement(Reservation reservation, Observation seen) {
        if (!seen.forwarded()) {
            return Settlement.notForwarded(seen.durationMillis());
        }
        Long input = believable(seen.inputTokens());
        Long output = seen.finished() ? believable(seen.outputTokens()) : null;
        long inputBound = reservation.grant().inputBound();
        if (output != null && input != null) {
            return settled(seen, Basis.REPORTED, input, output, input + output);
        }
        if (output != null) {
            return settled(seen, Basis.REPORTED_BOUND, null, output, inputBound + output);
        }
        long observed = inputBound + Math.max(seen.frames(), seen.outputBytes());
        return settled(seen, Basis.OBSERVED, input, null, Math.min(observed, reservation.tokens()));
    }

    private static Settlement settled(
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

    private static @Nullable Long believable(@Nullable Long count) {
        return count == null || count < 0 || count > ABSURD ? null : count;
    }
}
