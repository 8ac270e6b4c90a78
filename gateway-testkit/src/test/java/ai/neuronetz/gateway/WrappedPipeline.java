package ai.neuronetz.gateway;

import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.upstream.Upstream;
import java.util.function.UnaryOperator;

/** A pipeline of the gateway's own stages with something of a test's around what they call. */
public final class WrappedPipeline {

    private WrappedPipeline() {}

    public static GatewayPipeline build(GatewaySettings settings, Wrapping wrapping) {
        Upstream ollama = Upstream.http(settings.ollamaUrl(), settings.maxConcurrentUpstream(), settings.timeouts());
        return GatewayPipeline.builder(settings)
                .wrapping(wrapping.gate(), wrapping.ledger())
                .upstream(wrapping.upstream().apply(ollama))
                .accountant(wrapping.accountant().apply(Accountant.usage()))
                .build();
    }

    /** What is put around each. */
    public record Wrapping(
            UnaryOperator<RateGate> gate,
            UnaryOperator<Ledger> ledger,
            UnaryOperator<Upstream> upstream,
            UnaryOperator<Accountant> accountant) {}
}
