package ai.neuronetz.gateway;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import java.util.UUID;

/** Reserves nothing. */
final class NoMeter extends Meter {

    @Override
    public Metering reserve(UUID requestId, Principal principal, Grant grant) {
        return new Metering.Refused(Denial.of(Reason.LIMITS_UNVERIFIABLE));
    }
}
