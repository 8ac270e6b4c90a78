package ai.neuronetz.gateway;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * The gateway's meter with an embedder's around it. What ours reserved and the other then refuses, or loses in an exception,
 * is given back; otherwise it would be held, and charged, until somebody noticed.
 */
final class WrappedMeter extends Meter {

    private final Map<UUID, Reservation> underWay = new ConcurrentHashMap<>();
    private final Meter outer;

    WrappedMeter(Meter ours, UnaryOperator<Meter> around) {
        this.outer = around.apply(new Meter() {
            @Override
            public Metering reserve(UUID requestId, Principal principal, Grant grant) {
                Metering metering = ours.reserve(requestId, principal, grant);
                if (metering instanceof Metering.Reserved reserved) {
                    underWay.put(requestId, reserved.reservation());
                }
                return metering;
            }
        });
    }

    @Override
    public Metering reserve(UUID requestId, Principal principal, Grant grant) {
        boolean handedOn = false;
        try {
            Metering metering = outer.reserve(requestId, principal, grant);
            // Also if it is a reservation around ours: who hands one on is responsible for what is below it.
            handedOn = metering instanceof Metering.Reserved;
            return metering;
        } finally {
            Reservation reservation = underWay.remove(requestId);
            if (reservation != null && !handedOn) {
                reservation.settle(Settlement.notForwarded(reservation.age().toMillis()));
            }
        }
    }
}
