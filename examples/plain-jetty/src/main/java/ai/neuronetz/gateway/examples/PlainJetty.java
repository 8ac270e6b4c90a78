package ai.neuronetz.gateway.examples;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import jakarta.servlet.DispatcherType;
import java.time.Duration;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.LifeCycle;

/** The gateway as one filter in a plain Jetty. Settings come from the environment, as for the bundled application. */
public final class PlainJetty {

    private PlainJetty() {}

    public static void main(String[] args) throws Exception {
        Server server = start(8080, settings());
        server.join();
    }

    private static GatewaySettings settings() {
        return GatewaySettings.builder()
                .databaseUrl(System.getenv("DATABASE_URL"))
                .redisUrl(System.getenv("REDIS_URL"))
                .ollamaUrl(System.getenv("OLLAMA_URL"))
                .keyPepper(System.getenv("KEY_PEPPER"))
                .build();
    }

    /** Starts a server; stopping it, as a SIGTERM does, lets open answers end and closes the gateway. */
    static Server start(int port, GatewaySettings settings) throws Exception {
        GatewayPipeline pipeline = GatewayPipeline.open(settings);
        FilterHolder filter = new FilterHolder(GatewayFilter.builder(pipeline)
                .closePipelineOnDestroy(Duration.ZERO)
                .build());
        filter.setAsyncSupported(true);

        ServletContextHandler context = new ServletContextHandler("/");
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));

        Server server = new Server(port);
        server.getConnectors()[0]
                .getConnectionFactory(HttpConnectionFactory.class)
                .getHttpConfiguration()
                .setSendServerVersion(false);
        server.setHandler(context);
        server.setStopAtShutdown(true);
        // Jetty closes connections before it destroys filters.
        server.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStopping(LifeCycle stopping) {
                pipeline.drain(Duration.ofSeconds(10));
            }
        });
        server.start();
        return server;
    }
}
