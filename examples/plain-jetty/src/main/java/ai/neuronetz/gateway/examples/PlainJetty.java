package ai.neuronetz.gateway.examples;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
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

    /** Starts a server; stopping it stops the gateway. */
    static Server start(int port, GatewaySettings settings) throws Exception {
        GatewayPipeline pipeline = GatewayPipeline.open(settings);
        FilterHolder filter = new FilterHolder(new GatewayFilter(pipeline));
        filter.setAsyncSupported(true);

        ServletContextHandler context = new ServletContextHandler("/");
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));

        Server server = new Server(port);
        server.setHandler(context);
        server.start();
        server.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStopped(LifeCycle stopped) {
                pipeline.close();
            }
        });
        return server;
    }
}
