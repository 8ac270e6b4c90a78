package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A pipeline behind the filter on a Jetty of its own, with somebody who listens. Thread-safe. */
final class ServedPipeline implements AutoCloseable {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final GatewayPipeline pipeline;
    private final Server server = new Server();
    private final URI url;
    private final AtomicBoolean closed = new AtomicBoolean();

    ServedPipeline(GatewayPipeline pipeline, Callers callers) {
        this.pipeline = pipeline;
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        connector.setAcceptQueueSize(2048);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        FilterHolder filter = new FilterHolder(new GatewayFilter(pipeline));
        filter.setAsyncSupported(true);
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
        server.setHandler(callers.around(context));
        TestServers.start(server);
        this.url = URI.create("http://127.0.0.1:" + connector.getLocalPort());
    }

    URI url() {
        return url;
    }

    GatewayPipeline pipeline() {
        return pipeline;
    }

    void awaitHealthy(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (healthStatus() != 200) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the gateway at " + url + " was not healthy within " + limit);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private int healthStatus() {
        try {
            HttpRequest request = HttpRequest.newBuilder(url.resolve("/healthz"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the gateway", e);
        }
    }

    /** The first call closes. */
    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            pipeline.close();
            TestServers.stop(server);
        }
    }
}
