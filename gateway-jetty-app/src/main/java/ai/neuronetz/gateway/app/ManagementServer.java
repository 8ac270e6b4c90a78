package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.Answer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The management port: metrics and health, to be read and nothing else. No key is asked for, hence loopback by default.
 *
 * <p>A server of its own with few threads and connections, so that whoever reads here takes nothing from those who are served.
 */
final class ManagementServer implements AutoCloseable {

    private static final int MAX_THREADS = 4;
    private static final int MAX_CONNECTIONS = 16;
    private static final long IDLE_MILLIS = 30_000;
    private static final long IDLE_MILLIS_IF_FULL = 1_000;

    // The format that every Prometheus reads.
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private static final Answer NOT_FOUND = Answer.json(404, "{\"error\":\"There is no such page.\"}");
    private static final Answer WRONG_METHOD =
            Answer.json(405, "{\"error\":\"Use GET or HEAD.\"}").with("Allow", "GET, HEAD");

    private final PrometheusMeterRegistry metrics;
    private final Supplier<Answer> health;
    private final Server server;
    private final ServerConnector connector;

    /** @param health what {@code /healthz} answers */
    ManagementServer(String host, int port, PrometheusMeterRegistry metrics, Supplier<Answer> health) {
        this.metrics = requireNonNull(metrics, "metrics");
        this.health = requireNonNull(health, "health");
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("management");
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        this.server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        this.connector = new ServerConnector(server, 0, 1, new HttpConnectionFactory(http));
        connector.setHost(requireNonNull(host, "host"));
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_MILLIS);
        server.addConnector(connector);
        NetworkConnectionLimit limit = new NetworkConnectionLimit(MAX_CONNECTIONS, connector);
        limit.setEndPointIdleTimeout(IDLE_MILLIS_IF_FULL);
        server.addBean(limit);
        server.setErrorHandler(new ConstantErrors());
        server.setHandler(new Pages());
    }

    /** @throws IOException if it cannot listen there */
    void start() throws IOException {
        JettyLife.start(server);
    }

    /** The port listened at, also where a free one was asked for. */
    int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        JettyLife.stop(server);
    }

    private Answer answer(String method, String path) {
        boolean reads = method.equals("GET") || method.equals("HEAD");
        return switch (path) {
            case "/metrics" -> reads ? scrape() : WRONG_METHOD;
            case "/livez" -> reads ? Answer.json(200, "{\"status\":\"ok\"}") : WRONG_METHOD;
            case "/readyz", "/healthz" -> reads ? health.get() : WRONG_METHOD;
            default -> NOT_FOUND;
        };
    }

    private Answer scrape() {
        return Answer.of(200, PROMETHEUS_TEXT, metrics.scrape(PROMETHEUS_TEXT).getBytes(StandardCharsets.UTF_8));
    }

    private final class Pages extends Handler.Abstract {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Answer answer = answer(
                    request.getMethod(), String.valueOf(request.getHttpURI().getPath()));
            response.setStatus(answer.status());
            HttpFields.Mutable headers = response.getHeaders();
            answer.headers().forEach(headers::put);
            headers.put("Cache-Control", "no-store");
            headers.put("X-Content-Type-Options", "nosniff");
            headers.put("Content-Length", answer.body().length);
            response.write(true, ByteBuffer.wrap(answer.body()), callback);
            return true;
        }
    }
}
