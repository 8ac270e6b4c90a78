package ai.neuronetz.gateway;

import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.RateGate;
import java.time.Duration;
import java.util.Collection;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A gate that keeps the places which are given back to it. */
public final class LeakyGate implements RateGate {

    private final RateGate gate;

    private LeakyGate(RateGate gate) {
        this.gate = gate;
    }

    public static GatewayPipelineBuilder in(GatewayPipelineBuilder pipeline) {
        return pipeline.wrapping(LeakyGate::new, UnaryOperator.identity());
    }

    @Override
    public GateResult admit(UUID requestId, Principal principal, long tokens) {
        return gate.admit(requestId, principal, tokens);
    }

    @Override
    public void settle(UUID requestId, String tenantId, long charged) {}

    @Override
    public void release(UUID requestId, String tenantId) {}

    @Override
    public Collection<String> openTenants() {
        return gate.openTenants();
    }

    @Override
    public Collection<UUID> open(String tenantId, Duration atLeast) {
        return gate.open(tenantId, atLeast);
    }

    @Override
    public void rebuild(String tenantId, String identity, Epoch epoch) {
        gate.rebuild(tenantId, identity, epoch);
    }
}
