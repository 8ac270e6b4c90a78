package ai.neuronetz.gateway.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A servlet container on a free port with the filter on every path, over a servlet that must never be reached.
 *
 * <p>Two versions of Tomcat do not fit into one JVM, so the build runs the tests that use hosts a second time, with Tomcat
 * 11 on the class path instead of 10.1.
 */
public final class ServletHost implements AutoCloseable {

    static final int THREADS = 24;

    /** Of the tests that use hosts, for the build. */
    public static final String TAG = "servlet-host";

    public enum Kind {
        JETTY,
        TOMCAT_10,
        TOMCAT_11
    }

    /** Those that this JVM can start and no other run of the tests does. */
    public static List<Kind> kinds() {
        return ServerInfo.getServerNumber().startsWith("11.")
                ? List.of(Kind.TOMCAT_11)
                : List.of(Kind.JETTY, Kind.TOMCAT_10);
    }

    private interface Stop {
        void stop() throws Exception;
    }

    /** What stands behind the filter; its answer in a test shows that something went through. */
    static final class BehindServlet extends HttpServlet {

        private static final long serialVersionUID = 1L;

        @Override
        protected void service(
                jakarta.servlet.http.HttpServletRequest request, jakarta.servlet.http.HttpServletResponse response)
                throws IOException {
            response.getWriter().write("behind the gateway");
        }
    }

    private final int port;
    private final Stop stop;

    private ServletHost(int port, Stop stop) {
        this.port = port;
        this.stop = stop;
    }

    /** How the host is set up; what it is by itself is what a host should do. */
    public static final class Settings {
        String contextPath = "";
        EnumSet<DispatcherType> types = EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC);
        boolean async = true;
        String mapping = "/*";
        /** Another filter of the host's, before the gateway's. */
        Filter before = (request, response, chain) -> chain.doFilter(request, response);

        boolean beforeAsync = true;
        boolean virtualThreads;

        /** Called when the host has begun to stop and has not closed anything yet; each has its own way to say so. */
        Runnable beforeStop = () -> {};

        public Duration idleTimeout = Duration.ofSeconds(30);
        Map<String, Object> attributes = Map.of();
    }

    public static ServletHost start(Kind kind, GatewayFilter filter) {
        return start(kind, filter, settings -> {});
    }

    public static ServletHost start(Kind kind, GatewayFilter filter, Consumer<Settings> change) {
        Settings settings = new Settings();
        change.accept(settings);
        try {
            return kind == Kind.JETTY ? jetty(filter, settings) : tomcat(filter, settings);
        } catch (Exception e) {
            throw new IllegalStateException("The " + kind + " host did not start.", e);
        }
    }

    private static ServletHost jetty(GatewayFilter filter, Settings settings) throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS);
        if (settings.virtualThreads) {
            threads.setVirtualThreadsExecutor(virtualThreads());
        }
        Server server = new Server(threads);
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector
                .getConnectionFactory(HttpConnectionFactory.class)
                .getHttpConfiguration()
                .setSendServerVersion(false);
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(settings.idleTimeout.toMillis());
        server.addConnector(connector);
        ServletContextHandler context =
                new ServletContextHandler(settings.contextPath.isEmpty() ? "/" : settings.contextPath);
        FilterHolder attributes = new FilterHolder(attributes(settings));
        attributes.setAsyncSupported(true);
        context.addFilter(attributes, "/*", EnumSet.of(DispatcherType.REQUEST));
        FilterHolder before = new FilterHolder(settings.before);
        before.setAsyncSupported(settings.beforeAsync);
        context.addFilter(before, "/*", EnumSet.of(DispatcherType.REQUEST));
        FilterHolder holder = new FilterHolder(filter);
        holder.setAsyncSupported(settings.async);
        context.addFilter(holder, settings.mapping, settings.types);
        ServletHolder behind = new ServletHolder(new BehindServlet());
        behind.setAsyncSupported(true);
        context.addServlet(behind, "/");
        server.setHandler(context);
        server.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStopping(LifeCycle stopping) {
                settings.beforeStop.run();
            }
        });
        server.start();
        return new ServletHost(connector.getLocalPort(), server::stop);
    }

    private static ServletHost tomcat(GatewayFilter filter, Settings settings) throws Exception {
        Path base = Files.createTempDirectory("gateway-tomcat");
        // A test that starts a second host over its first loses the first.
        base.toFile().deleteOnExit();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.setSilent(true);
        Connector connector = tomcat.getConnector();
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxThreads", Integer.toString(THREADS));
        connector.setProperty("maxConnections", "4096");
        if (settings.virtualThreads) {
            connector.getProtocolHandler().setExecutor(virtualThreads());
        }
        // By itself Tomcat asks for the body before the request has come as far as the filter.
        connector.setProperty("continueResponseTiming", "onRead");
        connector.setProperty("connectionTimeout", Long.toString(settings.idleTimeout.toMillis()));
        Context context = tomcat.addContext(settings.contextPath, base.toString());
        add(context, "attributes", attributes(settings), true, EnumSet.of(DispatcherType.REQUEST));
        add(context, "before", settings.before, settings.beforeAsync, EnumSet.of(DispatcherType.REQUEST));
        add(context, "gateway", filter, settings.async, settings.types, settings.mapping);
        context.addLifecycleListener(event -> {
            if (event.getType().equals(Lifecycle.BEFORE_STOP_EVENT)) {
                settings.beforeStop.run();
            }
        });
        Tomcat.addServlet(context, "behind", new BehindServlet()).setAsyncSupported(true);
        context.addServletMapping("/", "behind");
        tomcat.start();
        return new ServletHost(connector.getLocalPort(), () -> {
            tomcat.stop();
            tomcat.destroy();
            delete(base);
        });
    }

    private static void add(Context context, String name, Filter filter, boolean async, EnumSet<DispatcherType> types) {
        add(context, name, filter, async, types, "/*");
    }

    private static void add(
            Context context, String name, Filter filter, boolean async, EnumSet<DispatcherType> types, String mapping) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(name);
        definition.setFilter(filter);
        definition.setAsyncSupported(Boolean.toString(async));
        context.addFilterDef(definition);
        FilterMap map = new FilterMap();
        map.setFilterName(name);
        map.addURLPattern(mapping);
        types.forEach(type -> map.setDispatcher(type.name()));
        context.addFilterMap(map);
    }

    /** A thread for each task, as newer JVMs have them. */
    private static Executor virtualThreads() {
        try {
            return (Executor)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This JVM has no virtual threads.", e);
        }
    }

    private static Filter attributes(Settings settings) {
        return (request, response, chain) -> {
            settings.attributes.forEach(request::setAttribute);
            chain.doFilter(request, response);
        };
    }

    static void delete(Path base) throws IOException {
        try (var paths = Files.walk(base)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        try {
            stop.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("The host did not stop.", e);
        }
    }
}
