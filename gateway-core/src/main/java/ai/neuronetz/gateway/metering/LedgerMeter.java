package ai.neuronetz.gateway.metering;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the gate, then for a place at Ollama, then the ledger, and gives everything back that a later one refuses.
 *
 * <p>Where it is unknown whether the gate or the ledger counted a request, its id is voided in the ledger first and freed in
 * the gate second, never the other way: freed first, it could still be admitted.
 *
 * <p>Thread-safe. Blocks for the stores' deadlines and the wait for a place.
 */
public final class LedgerMeter extends Meter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerMeter.class);
    private static final int MAX_WAITING = 256;
    private static final Duration SLOT_WAIT = Duration.ofMillis(100);
    private static final Duration SETTLE_WAIT = Duration.ofMillis(100);

    private final RateGate gate;
    private final Ledger ledger;
    private final UpstreamSlots slots;
    private final Epochs epochs;
    private final Reconciliation reconciliation;
    private final Counter admitted;

    /**
     * @param maxConcurrentUpstream requests this process has open at Ollama at once, at least 1
     */
    public LedgerMeter(RateGate gate, Ledger ledger, int maxConcurrentUpstream, MeterRegistry registry) {
        this(gate, ledger, new UpstreamSlots(maxConcurrentUpstream, MAX_WAITING, SLOT_WAIT), registry);
    }

    LedgerMeter(RateGate gate, Ledger ledger, UpstreamSlots slots, MeterRegistry registry) {
        this.gate = requireNonNull(gate, "gate");
        this.ledger = requireNonNull(ledger, "ledger");
        this.slots = slots;
        this.epochs = new Epochs(gate, ledger, registry);
        this.reconciliation = new Reconciliation(gate, registry);
        this.admitted = registry.counter("gateway.admissions");
    }

    @Override
    public Metering reserve(UUID requestId, Principal principal, Grant grant) {
        if (!ledger.accepting()) {
            return refused(Reason.LEDGER_UNAVAILABLE);
        }
        long tokens = grant.inputBound() + grant.outputCap();
        GateResult gated;
        try {
            gated = admitAtGate(requestId, principal, tokens);
        } catch (StoreUnavailableException e) {
            LOG.warn("limits could not be verified: {}", e.getMessage());
            undo(requestId, principal, true);
            return refused(Reason.LIMITS_UNVERIFIABLE);
        }
        if (gated instanceof GateResult.Refused over) {
            return new Metering.Refused(denial(over));
        }
        if (!(gated instanceof GateResult.Admitted pass)) {
            return refused(Reason.LIMITS_UNVERIFIABLE);
        }
        if (!slots.take()) {
            undo(requestId, principal, false);
            return refused(Reason.GATEWAY_BUSY);
        }
        boolean reserved = false;
        try {
            Metering metering = record(requestId, principal, grant, pass);
            reserved = metering instanceof Metering.Reserved;
            return metering;
        } finally {
            if (!reserved) {
                slots.giveBack();
            }
        }
    }

    /** A refusal may only be due to requests that have ended but are still being given back; those are waited for, once. */
    private GateResult admitAtGate(UUID requestId, Principal principal, long tokens) {
        GateResult result = epochs.admit(requestId, principal, tokens);
        if (result instanceof GateResult.Refused refused
                && refused.retryAfter() != null
                && reconciliation.awaitQuiet(principal.tenantId(), SETTLE_WAIT)) {
            return epochs.admit(requestId, principal, tokens);
        }
        return result;
    }

    private Metering record(UUID requestId, Principal principal, Grant grant, GateResult.Admitted pass) {
        Ledger.Entry entry;
        try {
            entry = ledger.admit(new Ledger.Admission(
                    requestId,
                    principal,
                    pass.epoch(),
                    grant.endpoint().path(),
                    grant.model(),
                    grant.inputBound(),
                    grant.outputCap()));
        } catch (StoreUnavailableException e) {
            LOG.warn("a request could not be recorded: {}", e.getMessage());
            undo(requestId, principal, true);
            return refused(Reason.LEDGER_UNAVAILABLE);
        }
        if (entry instanceof Ledger.Entry.Admitted done) {
            admitted.increment();
            return new Metering.Reserved(reserved(
                    requestId,
                    principal,
                    grant,
                    LimitHeaders.of(pass.status(), done.budget()),
                    settlement -> settle(requestId, principal.tenantId(), settlement)));
        }
        undo(requestId, principal, false);
        if (entry instanceof Ledger.Entry.OverBudget over) {
            return new Metering.Refused(
                    Denial.of(Reason.BUDGET_EXHAUSTED).with(LimitHeaders.of(pass.status(), over.budget())));
        }
        if (entry instanceof Ledger.Entry.NeverFits never) {
            return new Metering.Refused(
                    Denial.of(Reason.REQUEST_EXCEEDS_LIMIT).with(LimitHeaders.of(pass.status(), never.budget())));
        }
        if (entry instanceof Ledger.Entry.Outdated) {
            return new Metering.Outdated();
        }
        if (entry instanceof Ledger.Entry.WrongEpoch) {
            return renewed(principal.tenantId(), pass.identity());
        }
        return refused(Reason.LEDGER_UNAVAILABLE);
    }

    private Metering renewed(String tenantId, String identity) {
        try {
            epochs.renew(tenantId, identity);
            return new Metering.Outdated();
        } catch (StoreUnavailableException e) {
            LOG.warn("limits could not be rebuilt: {}", e.getMessage());
            return refused(Reason.LIMITS_UNVERIFIABLE);
        }
    }

    private void settle(UUID requestId, String tenantId, Settlement settlement) {
        slots.giveBack();
        ledger.settle(requestId, tenantId, settlement);
        reconciliation.settle(requestId, tenantId, settlement.charged());
    }

    /** @param inDoubt whether the request may have been counted where no answer came from */
    private void undo(UUID requestId, Principal principal, boolean inDoubt) {
        if (inDoubt) {
            ledger.voidAdmission(requestId);
        }
        reconciliation.release(requestId, principal.tenantId());
    }

    private static Denial denial(GateResult.Refused refused) {
        Duration retryAfter = refused.retryAfter();
        Reason reason = retryAfter == null
                ? Reason.REQUEST_EXCEEDS_LIMIT
                : switch (refused.limit()) {
                    case REQUESTS -> Reason.RATE_LIMIT_REQUESTS;
                    case TOKENS -> Reason.RATE_LIMIT_TOKENS;
                    case CONCURRENCY -> Reason.CONCURRENCY_LIMIT;
                };
        return new Denial(reason, null, retryAfter, LimitHeaders.of(refused.status(), null));
    }

    private static Metering refused(Reason reason) {
        return new Metering.Refused(Denial.of(reason));
    }

    /** Gives back in the gate what is still under way, for at most two seconds. */
    @Override
    public void close() {
        reconciliation.close();
    }
}
