package ai.neuronetz.gateway.accounting;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.access.ModelBounds;
import ai.neuronetz.gateway.accounting.JudgedCount.Rejection;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.ollama.ModelName;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Charges what Ollama reported, and where it reported nothing credible, what was seen.
 *
 * <ul>
 *   <li>The answer is complete and both counts are credible: their sum. It may exceed the reservation; the truth counts.
 *   <li>Complete, and only the output is credible: the input at its bound.
 *   <li>Complete, and less output is reported than there were frames with output, of which each is at least one token: the
 *       frames.
 *   <li>Complete, and the output is beyond belief: the whole reservation.
 *   <li>Anything else that was forwarded: the input at its bound, and an output token for each byte of text or each frame
 *       that was seen, whichever is more; bytes count up to the output cap. Ollama evaluates the prompt before it answers, so
 *       that a client who leaves early has caused that work. A credible count that is more than this is charged instead.
 *   <li>Ollama refused before it generated anything (a status of 400 to 499, or 503): 1. It did no work worth the bound, but
 *       what was forwarded is never free. Other failures are charged as above: the work may well have been done.
 *   <li>Nothing was forwarded: 0.
 * </ul>
 *
 * <p>Credible is an input of at most a million tokens, or its bound if that is more, since a bound may be wrong by any
 * factor; and an output of at most ten times its cap, which Ollama was told.
 */
final class UsageAccountant implements Accountant {

    private static final Logger LOG = LoggerFactory.getLogger(UsageAccountant.class);

    private static final long CREDIBLE_INPUT = 1 << 20;
    private static final long CREDIBLE_OUTPUT_FACTOR = 10;

    private final AccountingCounters counters;
    private final ModelBounds bounds;

    /** Models whose bound was seen to be wrong; no more than are installed. */
    private final Set<String> warnedOf = ConcurrentHashMap.newKeySet();

    UsageAccountant(MeterRegistry registry, ModelBounds bounds) {
        this.counters = new AccountingCounters(requireNonNull(registry, "registry"));
        this.bounds = requireNonNull(bounds, "bounds");
    }

    @Override
    public void account(Reservation reservation, Observation seen) {
        Grant grant = reservation.grant();
        JudgedCount input = JudgedCount.of(seen.inputTokens(), 1, Math.max(CREDIBLE_INPUT, grant.inputBound()));
        JudgedCount output = JudgedCount.of(
                seen.outputTokens(),
                Math.max(Math.min(1, grant.outputCap()), seen.frames()),
                Math.max(seen.frames(), CREDIBLE_OUTPUT_FACTOR * grant.outputCap()));
        Settlement settlement = settlement(grant, seen, input, output);
        if (!reservation.settle(settlement)) {
            return;
        }
        counters.settled(settlement.basis());
        if (seen.forwarded() && seen.finished()) {
            counters.rejected(input);
            counters.rejected(output);
        }
        if (seen.forwarded() && input.believed() && input.tokens() > grant.inputBound()) {
            exceeded(grant, input.tokens());
        }
    }

    private void exceeded(Grant grant, long inputTokens) {
        counters.violation();
        String model = ModelName.canonical(grant.model());
        bounds.exceeded(model, inputTokens);
        if (warnedOf.add(model)) {
            LOG.warn(
                    "{} made {} tokens of an input that was bound to {}; it was charged, and more is reserved for this"
                            + " model from now on. PROMPT_OVERHEAD_TOKENS and IMAGE_TOKENS are what the bound is made of.",
                    model,
                    inputTokens,
                    grant.inputBound());
        }
    }

    private static Settlement settlement(Grant grant, Observation seen, JudgedCount input, JudgedCount output) {
        if (!seen.forwarded()) {
            return Settlement.notForwarded(seen.durationMillis());
        }
        long inputOrBound = input.believed() ? input.tokens() : grant.inputBound();
        if (seen.finished() && output.believed()) {
            return of(
                    seen,
                    input.believed() ? Basis.REPORTED : Basis.REPORTED_BOUND,
                    input,
                    output,
                    inputOrBound + output.tokens());
        }
        if (seen.finished() && output.rejection() == Rejection.UNDERSTATED) {
            return of(seen, Basis.OBSERVED, input, output, inputOrBound + seen.frames());
        }
        if (refused(seen)) {
            return of(seen, Basis.OBSERVED, input, output, 1);
        }
        long atLeastBound = Math.max(inputOrBound, grant.inputBound());
        if (seen.finished() && output.rejection() == Rejection.HUGE) {
            return of(
                    seen, Basis.UPPER_BOUND, input, output, atLeastBound + Math.max(seen.frames(), grant.outputCap()));
        }
        return of(seen, Basis.OBSERVED, input, output, atLeastBound + outputSeen(grant, seen, output));
    }

    /** A frame is a token at least; bytes are tokens at most, and no more than were asked for. */
    private static long outputSeen(Grant grant, Observation seen, JudgedCount output) {
        long bytes = Math.min(seen.outputBytes(), grant.outputCap());
        return Math.max(output.believed() ? output.tokens() : 0, Math.max(seen.frames(), bytes));
    }

    private static boolean refused(Observation seen) {
        Integer status = seen.upstreamStatus();
        boolean refusal = status != null && (status == 503 || (status >= 400 && status < 500));
        return refusal && seen.frames() == 0 && seen.outputBytes() == 0;
    }

    private static Settlement of(Observation seen, Basis basis, JudgedCount input, JudgedCount output, long charged) {
        return new Settlement(
                seen.outcome(),
                basis,
                input.shown(),
                output.shown(),
                charged,
                seen.upstreamStatus(),
                seen.firstByteMillis(),
                seen.durationMillis());
    }
}
