package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServlet;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;

/** A web application as an embedder writes it, to be loaded by a class loader of its own. */
public final class RedeployedApp implements ServletContextListener {

    /** What the application is told, in init parameters of its context. */
    static Map<String, String> parameters(GatewaySettings settings) {
        return Map.of(
                "database", settings.databaseUrl(),
                "redis", settings.redisUrl(),
                "ollama", settings.ollamaUrl().toString(),
                "pepper", settings.keyPepper());
    }

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        GatewayPipeline pipeline = GatewayPipeline.open(GatewaySettings.builder()
                .databaseUrl(context.getInitParameter("database"))
                .redisUrl(context.getInitParameter("redis"))
                .ollamaUrl(context.getInitParameter("ollama"))
                .keyPepper(context.getInitParameter("pepper"))
                .build());
        FilterRegistration.Dynamic filter = context.addFilter(
                "gateway",
                GatewayFilter.builder(pipeline)
                        .closePipelineOnDestroy(Duration.ZERO)
                        .build());
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC), false, "/*");
        // Tomcat runs filters only where there is a servlet, too.
        context.addServlet("nothing", new HttpServlet() {}).addMapping("/");
    }
}
