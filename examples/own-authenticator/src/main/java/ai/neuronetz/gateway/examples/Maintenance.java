package ai.neuronetz.gateway.examples;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.ModelLookup;
import ai.neuronetz.gateway.access.VisibleModels;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.ollama.Endpoint;
import java.util.function.BooleanSupplier;

/** Lets the gateway's own authorizer decide, and starts nothing new while the application is being maintained. */
final class Maintenance implements Authorizer {

    private final Authorizer gateways;
    private final BooleanSupplier maintained;

    Maintenance(Authorizer gateways, BooleanSupplier maintained) {
        this.gateways = gateways;
        this.maintained = maintained;
    }

    @Override
    public Authorization authorize(Principal principal, Endpoint endpoint, byte[] body) {
        return maintained.getAsBoolean()
                ? new Authorization.Refused(Denial.of(Reason.GATEWAY_BUSY))
                : gateways.authorize(principal, endpoint, body);
    }

    @Override
    public VisibleModels visible(Principal principal) {
        return gateways.visible(principal);
    }

    @Override
    public ModelLookup find(Principal principal, String model) {
        return gateways.find(principal, model);
    }
}
