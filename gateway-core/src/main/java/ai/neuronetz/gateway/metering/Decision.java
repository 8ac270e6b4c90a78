package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request's way through gate, places and ledger. Belongs to one thread; made once. */
final class Decision {

    /** No further step begins after this; the last one takes 250 ms at most. */
    private static final long LAST_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(600);

    /** An admission older than this was held up by a process that stood still, and may be counted as lost by others soon. */
    private static final long STALE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final LedgerMeter meter;
    private final UUID requestId;
    private final Principal principal;
    private final Grant grant;
    private final HeldPlaces held;
    private final long tokens;
    private final long startedAt = System.nanoTime();

    Decision(LedgerMeter meter, UUID requestId, Principal principal, Grant grant, HeldPlaces held) {
        this.meter = meter;
        this.requestId = requestId;
        this.principal = principal;
        this.grant = grant;
        this.held = held;
        this.tokens = Math.addExact(grant.inputBound(), grant.outputCap());
    }

    Metering make() {
        if (!meter.ledger.accepting()) {
            return refused(Denial.of(Reason.LEDGER_UNAVAILABLE));
        }
        long ended = meter.open.ended(principal.tenantId());
        GateResult entered = enterGate();
        if (entered instanceof GateResult.Refused refused
                && refused.retryAfter() != null
                && meter.open.awaitEnd(principal.tenantId(), ended)) {
            GateResult again = enterGate();
            // An unknown second answer takes nothing from the first.
            entered = again instanceof GateResult.Unknown ? entered : again;
        }
        if (!(entered instanceof GateResult.Admitted admitted)) {
            return turnedAway(entered);
        }
        Optional<UpstreamSlots.Slot> slot = meter.slots.take();
        if (slot.isEmpty()) {
            return refused(Denial.of(Reason.GATEWAY_BUSY).with(LimitHeaders.of(admitted.status())));
        }
        held.slotTaken(slot.get());
        Entry entry = enterLedger(admitted.epoch());
        if (entry instanceof Entry.WrongEpoch) {
            GateResult again = enterNewEpoch(admitted);
            if (!(again instanceof GateResult.Admitted readmitted)) {
                return turnedAway(again);
            }
            admitted = readmitted;
            entry = enterLedger(admitted.epoch());
        }
        if (entry instanceof Entry.OverBudget && meter.open.awaitEnd(principal.tenantId(), ended)) {
            Entry again = enterLedger(admitted.epoch());
            entry = again == null ? entry : again;
        }
        return recorded(entry, admitted.status(), slot.get());
    }

    /** Asks the gate, once more if its state had to be rebuilt; Unknown if it still is. */
    private GateResult enterGate() {
        try {
            GateResult result = askGate();
            if (!(result instanceof GateResult.Unknown unknown)) {
                return result;
            }
            meter.counters.unknown();
            return rebuilt(unknown.identity(), startedAt) ? askGate() : result;
        } catch (StoreUnavailableException e) {
            return new GateResult.Unknown("");
        }
    }

    /** The gate admitted under an epoch that has ended: asks again, after a rebuild unless another has done it. */
    private GateResult enterNewEpoch(GateResult.Admitted old) {
        GateResult.Unknown givenUp = new GateResult.Unknown(old.identity());
        if (late()) {
            return givenUp;
        }
        try {
            long askedAt = System.nanoTime();
            GateResult result = askGate();
            if (result instanceof GateResult.Admitted admitted && admitted.epoch() <= old.epoch()) {
                return rebuilt(admitted.identity(), askedAt) ? askGate() : givenUp;
            }
            if (result instanceof GateResult.Unknown unknown) {
                meter.counters.unknown();
                return rebuilt(unknown.identity(), askedAt) ? askGate() : givenUp;
            }
            return result;
        } catch (StoreUnavailableException e) {
            return givenUp;
        }
    }

    private GateResult askGate() {
        held.gateAsked();
        GateResult result = meter.gate.admit(requestId, principal, tokens);
        held.gateAnswered(result instanceof GateResult.Admitted);
        return result;
    }

    private boolean rebuilt(String identity, long askedAt) {
        return !late() && meter.rebuilds.rebuild(principal.tenantId(), identity, askedAt) && !late();
    }

    private boolean late() {
        return System.nanoTime() - startedAt > LAST_STEP_NANOS;
    }

    /** Null if the outcome is unknown, or comes too late to be relied on. */
    private @Nullable Entry enterLedger(long epoch) {
        if (late()) {
            return null;
        }
        held.ledgerAsked();
        try {
            Entry entry = meter.ledger.admit(new Ledger.Admission(
                    requestId,
                    principal,
                    epoch,
                    grant.endpoint().path(),
                    grant.model(),
                    grant.inputBound(),
                    grant.outputCap()));
            if (!(entry instanceof Entry.Admitted)) {
                held.ledgerRefused();
            } else if (System.nanoTime() - startedAt > STALE_NANOS) {
                return null;
            }
            return entry;
        } catch (StoreUnavailableException e) {
            return null;
        }
    }

    private Metering turnedAway(GateResult result) {
        if (!(result instanceof GateResult.Refused refused)) {
            return refused(Denial.of(Reason.LIMITS_UNVERIFIABLE));
        }
        Duration wait = refused.retryAfter();
        Denial denial = wait == null
                ? Denial.of(Reason.REQUEST_EXCEEDS_LIMIT)
                : Denial.of(reason(refused.limit()), wholeSeconds(wait));
        return refused(denial.with(LimitHeaders.of(refused.status())));
    }

    private Metering recorded(@Nullable Entry entry, RateStatus rates, UpstreamSlots.Slot slot) {
        if (entry instanceof Entry.Admitted admitted) {
            Reservation reservation = meter.reserved(
                    requestId,
                    principal,
                    grant,
                    headers(rates, admitted.budget()),
                    settlement -> meter.settled(requestId, principal.tenantId(), slot, settlement));
            held.keep();
            meter.open.opened(principal.tenantId());
            return new Metering.Reserved(reservation);
        }
        if (entry instanceof Entry.Outdated) {
            // At once, because the request is decided again in a moment and must not find itself in its way.
            held.leaveGate(meter.gate);
            return new Metering.Outdated();
        }
        if (entry instanceof Entry.OverBudget over) {
            return refused(Denial.of(Reason.BUDGET_EXHAUSTED).with(headers(rates, over.budget())));
        }
        if (entry instanceof Entry.NeverFits never) {
            return refused(Denial.of(Reason.REQUEST_EXCEEDS_LIMIT).with(headers(rates, never.budget())));
        }
        Reason reason = entry instanceof Entry.WrongEpoch ? Reason.LIMITS_UNVERIFIABLE : Reason.LEDGER_UNAVAILABLE;
        return refused(Denial.of(reason));
    }

    private static Metering refused(Denial denial) {
        return new Metering.Refused(denial);
    }

    private static Reason reason(RateGate.Limit limit) {
        return switch (limit) {
            case REQUESTS -> Reason.RATE_LIMIT_REQUESTS;
            case TOKENS -> Reason.RATE_LIMIT_TOKENS;
            case CONCURRENCY -> Reason.CONCURRENCY_LIMIT;
        };
    }

    /** Up, so that who waits that long is not early. */
    private static Duration wholeSeconds(Duration wait) {
        return Duration.ofSeconds(Math.max(1, wait.plusNanos(999_999_999).toSeconds()));
    }

    private static Map<String, String> headers(RateStatus rates, Ledger.@Nullable Budget budget) {
        Map<String, String> headers = LimitHeaders.of(rates);
        headers.putAll(LimitHeaders.of(budget));
        return headers;
    }
}
