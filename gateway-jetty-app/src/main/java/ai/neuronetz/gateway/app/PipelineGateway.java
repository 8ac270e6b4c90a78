package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.servlet.AllowedOrigins;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import jakarta.servlet.Filter;
import java.time.Duration;

/** The real thing. */
final class PipelineGateway implements Gateway {

    private final GatewayPipeline pipeline;

    private PipelineGateway(GatewayPipeline pipeline) {
        this.pipeline = pipeline;
    }

    static Gateway open(GatewaySettings settings) {
        return new PipelineGateway(GatewayPipeline.open(settings));
    }

    @Override
    public Filter filter(ClientLimits limits, AllowedOrigins corsAllowedOrigins) {
        return GatewayFilter.builder(pipeline)
                .bodyTimeout(limits.body())
                .writeTimeout(limits.write())
                .corsAllowedOrigins(corsAllowedOrigins)
                .build();
    }

    @Override
    public void drain(Duration grace) {
        pipeline.drain(grace);
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
