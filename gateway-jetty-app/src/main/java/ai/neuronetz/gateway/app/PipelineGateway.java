package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.servlet.AllowedOrigins;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import ai.neuronetz.gateway.servlet.Playground;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.Filter;
import java.time.Duration;

/** The real thing. */
final class PipelineGateway implements Gateway {

    private final GatewayPipeline pipeline;

    private final Metrics metrics;

    private PipelineGateway(GatewayPipeline pipeline, Metrics metrics) {
        this.pipeline = pipeline;
        this.metrics = metrics;
    }

    static Gateway open(GatewaySettings settings) {
        Metrics metrics = new Metrics();
        try {
            GatewayPipeline pipeline = GatewayPipeline.builder(settings)
                    .meterRegistry(metrics.registry())
                    .build();
            return new PipelineGateway(pipeline, metrics);
        } catch (RuntimeException e) {
            metrics.close();
            throw e;
        }
    }

    @Override
    public Filter filter(ClientLimits limits, AllowedOrigins corsAllowedOrigins, Playground playground) {
        return GatewayFilter.builder(pipeline)
                .bodyTimeout(limits.body())
                .writeTimeout(limits.write())
                .corsAllowedOrigins(corsAllowedOrigins)
                .playground(playground)
                .build();
    }

    @Override
    public Answer health() {
        return pipeline.health();
    }

    @Override
    public PrometheusMeterRegistry metrics() {
        return metrics.registry();
    }

    @Override
    public void drain(Duration grace) {
        pipeline.drain(grace);
    }

    @Override
    public void close() {
        pipeline.close();
        metrics.close();
    }
}
