package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import java.util.UUID;

/** A meter around the gateway's own that tells it of no settlement: what was reserved stays open. */
final class SecretiveMeter extends Meter {

    private final Meter meter;

    SecretiveMeter(Meter meter) {
        this.meter = meter;
    }

    @Override
    public Metering reserve(UUID requestId, Principal principal, Grant grant) {
        Metering metering = meter.reserve(requestId, principal, grant);
        if (!(metering instanceof Metering.Reserved reserved)) {
            return metering;
        }
        return new Metering.Reserved(
                reserved(requestId, principal, grant, reserved.reservation().headers(), settlement -> {}));
    }
}
