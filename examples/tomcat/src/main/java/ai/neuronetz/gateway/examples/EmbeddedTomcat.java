package ai.neuronetz.gateway.examples;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import jakarta.servlet.DispatcherType;
import java.time.Duration;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** The gateway as one filter in an embedded Tomcat. Settings come from the environment, as for the bundled application. */
public final class EmbeddedTomcat {

    private EmbeddedTomcat() {}

    public static void main(String[] args) throws LifecycleException {
        Tomcat tomcat = start(8080, settings());
        tomcat.getServer().await();
    }

    private static GatewaySettings settings() {
        return GatewaySettings.builder()
                .databaseUrl(System.getenv("DATABASE_URL"))
                .redisUrl(System.getenv("REDIS_URL"))
                .ollamaUrl(System.getenv("OLLAMA_URL"))
                .keyPepper(System.getenv("KEY_PEPPER"))
                .build();
    }

    /** Starts a server; stopping it lets open answers end and closes the gateway. */
    static Tomcat start(int port, GatewaySettings settings) throws LifecycleException {
        GatewayPipeline pipeline = GatewayPipeline.open(settings);
        FilterDef filter = new FilterDef();
        filter.setFilterName("gateway");
        filter.setFilter(GatewayFilter.builder(pipeline)
                .closePipelineOnDestroy(Duration.ZERO)
                .build());
        filter.setAsyncSupported("true");
        FilterMap everything = new FilterMap();
        everything.setFilterName("gateway");
        everything.addURLPattern("/*");
        everything.setDispatcher(DispatcherType.REQUEST.name());
        everything.setDispatcher(DispatcherType.ASYNC.name());

        Tomcat tomcat = new Tomcat();
        tomcat.setPort(port);
        tomcat.getConnector();
        Context context = tomcat.addContext("", null);
        context.addFilterDef(filter);
        context.addFilterMap(everything);
        // Tomcat runs filters only on the way to a servlet; this one is never reached.
        Tomcat.addServlet(context, "none", "org.apache.catalina.servlets.DefaultServlet")
                .addMapping("/");
        // Tomcat waits two seconds for requests before it destroys filters.
        context.addLifecycleListener(event -> {
            if (event.getType().equals(Lifecycle.BEFORE_STOP_EVENT)) {
                pipeline.drain(Duration.ofSeconds(10));
            }
        });
        tomcat.start();
        return tomcat;
    }
}
