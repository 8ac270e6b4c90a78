package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jetty with one filter and nothing else: HTTP/1.1, strict about framing and paths, silent about itself.
 *
 * <p>The filter decides everything; what Jetty refuses before it gets there has the constant answers of
 * {@link ConstantErrors}.
 */
final class GatewayServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);

    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 8;
    private static final int MAX_CONNECTIONS = 12_000;
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    // Bounds slow headers, slow bodies, slow readers and idle keep-alive; an answer that is awaited is not idle.
    private static final long IDLE_MILLIS = 30_000;
    private static final long STOP_MILLIS = 2_000;

    private final Server server;
    private final ServerConnector connector;

    GatewayServer(String host, int port, Filter filter) {
        this(host, port, filter, IDLE_MILLIS);
    }

    GatewayServer(String host, int port, Filter filter, long idleMillis) {
        requireNonNull(filter, "filter");
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        threads.setName("gateway");
        this.server = new Server(threads);
        this.connector = new ServerConnector(server, ClientGoneWatch.connectionFactory(http()));
        connector.setHost(requireNonNull(host, "host"));
        connector.setPort(port);
        connector.setIdleTimeout(idleMillis);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
        server.setErrorHandler(new ConstantErrors());
        server.setHandler(context(filter));
        server.setStopTimeout(STOP_MILLIS);
    }

    /** @throws IOException if it cannot listen there */
    void start() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Jetty did not start", e);
        }
    }

    /** The port listened at, also where a free one was asked for. */
    int port() {
        return connector.getLocalPort();
    }

    /** Stops listening and cuts what is still open. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            // Everything has been settled by now, and the process is about to end.
            LOG.warn("Jetty did not stop in order", e);
        }
    }

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setHttpCompliance(HttpCompliance.STRICT);
        http.setUriCompliance(new UriCompliance("nothing ambiguous", Set.of()));
        return http;
    }

    private static ServletContextHandler context(Filter filter) {
        ServletContextHandler context =
                new ServletContextHandler("/", ServletContextHandler.NO_SESSIONS | ServletContextHandler.NO_SECURITY);
        FilterHolder holder = new FilterHolder(filter);
        holder.setAsyncSupported(true);
        context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST));
        context.setErrorHandler(new ConstantErrors());
        return context;
    }
}
