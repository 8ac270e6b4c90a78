package ai.neuronetz.gateway;

import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.accounting.Observation;
import ai.neuronetz.gateway.accounting.UsageRecord;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fifth stage, whoever brings the accountant: when {@link #account} returns, the reservation is settled, and a listener will
 * hear of it. Does not throw.
 */
final class Settling {

    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);

    private final Accountant accountant;
    private final Consumer<UsageRecord> listener;

    /** @param listener must not block */
    Settling(Accountant accountant, Consumer<UsageRecord> listener) {
        this.accountant = accountant;
        this.listener = listener;
    }

    @SuppressWarnings("CatchingUnchecked") // a reservation that stays open is worse than any error
    void account(Reservation reservation, Observation seen) {
        try {
            accountant.account(reservation, seen);
        } catch (Throwable e) {
            LOG.error("{} failed at request {}", stage(), reservation.requestId(), Unforeseen.of(e));
        }
        try {
            if (reservation.settle(whole(reservation, seen))) {
                LOG.error("{} left request {} unsettled; it is charged whole", stage(), reservation.requestId());
            }
        } catch (Throwable e) {
            LOG.error("the meter did not take the settlement of request {}", reservation.requestId(), Unforeseen.of(e));
        }
        reservation.settlement().ifPresent(settlement -> listener.accept(record(reservation, settlement)));
    }

    private String stage() {
        return "the accountant (" + accountant.getClass().getName() + ")";
    }

    private static Settlement whole(Reservation reservation, Observation seen) {
        return seen.forwarded()
                ? new Settlement(
                        seen.outcome(),
                        Basis.UPPER_BOUND,
                        null,
                        null,
                        reservation.tokens(),
                        seen.upstreamStatus(),
                        seen.firstByteMillis(),
                        seen.durationMillis())
                : Settlement.notForwarded(seen.durationMillis());
    }

    private static UsageRecord record(Reservation reservation, Settlement settlement) {
        return new UsageRecord(
                reservation.requestId(),
                reservation.principal().tenantId(),
                reservation.principal().keyId(),
                reservation.grant().endpoint().path(),
                reservation.grant().model(),
                settlement.outcome(),
                settlement.basis(),
                settlement.inputTokens(),
                settlement.outputTokens(),
                settlement.charged(),
                Math.max(0, settlement.charged() - reservation.tokens()),
                Duration.ofMillis(settlement.durationMillis()));
    }
}
