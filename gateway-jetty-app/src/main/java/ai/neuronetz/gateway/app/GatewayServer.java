package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jetty.JettyConnectionMetrics;
import io.micrometer.core.instrument.binder.jetty.JettyServerThreadPoolMetrics;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Jetty with one filter and nothing else: HTTP/1.1, strict about framing and paths, silent about itself.
 *
 * <p>The filter decides everything; what Jetty refuses before it gets there has the constant answers of
 * {@link ConstantErrors}.
 */
final class GatewayServer implements AutoCloseable {

    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 8;
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    // Those that wait to be accepted are in the system's queue, not in this process.
    private static final int ACCEPT_QUEUE = 1024;
    // Once all connections are taken, those that rest make place.
    private static final long IDLE_MILLIS_IF_FULL = 5_000;
    private static final long STOP_MILLIS = 2_000;
    private static final Duration TLS_RELOAD_PAUSE = Duration.ofSeconds(2);

    private final QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    private final Server server;
    private final ServerConnector connector;
    private final @Nullable TlsFiles tls;

    GatewayServer(String host, int port, Filter filter, ClientLimits limits) {
        this(host, port, filter, limits, null);
    }

    /** @param tls null for plain HTTP */
    GatewayServer(String host, int port, Filter filter, ClientLimits limits, @Nullable TlsFiles tls) {
        requireNonNull(filter, "filter");
        this.tls = tls;
        threads.setName("gateway");
        this.server = new Server(threads);
        HttpConnectionFactory http = ClientGoneWatch.connectionFactory(http());
        if (tls == null) {
            this.connector = new ServerConnector(server, http);
        } else {
            // Without looking at the name that is asked for: a gateway has one certificate, and no virtual hosts.
            http.getHttpConfiguration().addCustomizer(new SecureRequestCustomizer(false));
            this.connector =
                    new ServerConnector(server, new SslConnectionFactory(tls.context(), http.getProtocol()), http);
            connector.addBean(new TlsReload(connector, tls, TLS_RELOAD_PAUSE));
        }
        connector.setHost(requireNonNull(host, "host"));
        connector.setPort(port);
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setIdleTimeout(limits.idle().toMillis());
        connector.addBean(new SlowHeads(connector, limits.header()));
        server.addConnector(connector);
        server.addBean(connectionLimit(limits));
        server.setErrorHandler(new ConstantErrors());
        server.setHandler(context(filter));
        server.setStopTimeout(STOP_MILLIS);
    }

    /** Shows connections, threads and how long the certificate is valid; to be called before the start. */
    void measureWith(MeterRegistry registry) {
        if (tls != null) {
            Gauge.builder(
                            "gateway.tls.certificate.expiration.timestamp",
                            tls,
                            files -> files.expiration().getEpochSecond())
                    .baseUnit("seconds")
                    .description("When the certificate in use, or one above it, becomes invalid, since the epoch")
                    .register(registry);
        }
        connector.addBean(new JettyConnectionMetrics(registry));
        new JettyServerThreadPoolMetrics(threads, Tags.empty()).bindTo(registry);
    }

    /** @throws IOException if it cannot listen there */
    void start() throws IOException {
        JettyLife.start(server);
    }

    /** The port listened at, also where a free one was asked for. */
    int port() {
        return connector.getLocalPort();
    }

    /** Stops listening and cuts what is still open. */
    @Override
    public void close() {
        JettyLife.stop(server);
    }

    private NetworkConnectionLimit connectionLimit(ClientLimits limits) {
        NetworkConnectionLimit limit = new NetworkConnectionLimit(limits.maxConnections(), connector);
        limit.setEndPointIdleTimeout(Math.min(IDLE_MILLIS_IF_FULL, limits.idle().toMillis()));
        return limit;
    }

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setResponseHeaderSize(MAX_HEADER_BYTES);
        http.setMaxResponseHeaderSize(MAX_HEADER_BYTES);
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
