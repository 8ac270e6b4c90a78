package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.servlet.AllowedOrigins;
import ai.neuronetz.gateway.servlet.Playground;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.Filter;
import java.time.Duration;

/** What {@code serve} puts behind its port: a pipeline and the filter over it. */
interface Gateway extends AutoCloseable {

    Filter filter(ClientLimits limits, AllowedOrigins corsAllowedOrigins, Playground playground);

    /** What {@code /healthz} answers. */
    Answer health();

    /** Everything that is measured, the server's own to be added. */
    PrometheusMeterRegistry metrics();

    /** Admits nothing more, and waits at most the grace for what is open; what then still is, is cut. */
    void drain(Duration grace);

    @Override
    void close();
}
