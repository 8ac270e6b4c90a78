package ai.neuronetz.gateway.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A servlet container on a free port with the filter on every path, over a servlet that must never be reached. */
final class ServletHost implements AutoCloseable {

    static final int THREADS = 24;

    enum Kind {
        JETTY,
        TOMCAT
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

    static ServletHost start(Kind kind, String contextPath, GatewayFilter filter) {
        return start(kind, contextPath, filter, EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    }

    static ServletHost start(Kind kind, String contextPath, GatewayFilter filter, EnumSet<DispatcherType> types) {
        return start(kind, contextPath, filter, types, true);
    }

    static ServletHost start(
            Kind kind, String contextPath, GatewayFilter filter, EnumSet<DispatcherType> types, boolean async) {
        try {
            return kind == Kind.JETTY
                    ? jetty(contextPath, filter, types, async)
                    : tomcat(contextPath, filter, types, async);
        } catch (Exception e) {
            throw new IllegalStateException("The " + kind + " host did not start.", e);
        }
    }

    private static ServletHost jetty(
            String contextPath, GatewayFilter filter, EnumSet<DispatcherType> types, boolean async) throws Exception {
        Server server = new Server(new QueuedThreadPool(THREADS));
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector
                .getConnectionFactory(HttpConnectionFactory.class)
                .getHttpConfiguration()
                .setSendServerVersion(false);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler(contextPath.isEmpty() ? "/" : contextPath);
        FilterHolder holder = new FilterHolder(filter);
        holder.setAsyncSupported(async);
        context.addFilter(holder, "/*", types);
        ServletHolder behind = new ServletHolder(new BehindServlet());
        behind.setAsyncSupported(async);
        context.addServlet(behind, "/");
        server.setHandler(context);
        server.start();
        return new ServletHost(connector.getLocalPort(), server::stop);
    }

    private static ServletHost tomcat(
            String contextPath, GatewayFilter filter, EnumSet<DispatcherType> types, boolean async) throws Exception {
        Path base = Files.createTempDirectory("gateway-tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.setSilent(true);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("maxThreads", Integer.toString(THREADS));
        tomcat.getConnector().setProperty("maxConnections", "4096");
        Context context = tomcat.addContext(contextPath, base.toString());
        FilterDef definition = new FilterDef();
        definition.setFilterName("gateway");
        definition.setFilter(filter);
        definition.setAsyncSupported(Boolean.toString(async));
        context.addFilterDef(definition);
        FilterMap map = new FilterMap();
        map.setFilterName("gateway");
        map.addURLPattern("/*");
        types.forEach(type -> map.setDispatcher(type.name()));
        context.addFilterMap(map);
        Tomcat.addServlet(context, "behind", new BehindServlet()).setAsyncSupported(async);
        context.addServletMappingDecoded("/", "behind");
        tomcat.start();
        return new ServletHost(tomcat.getConnector().getLocalPort(), () -> {
            tomcat.stop();
            tomcat.destroy();
            delete(base);
        });
    }

    private static void delete(Path base) throws IOException {
        try (var paths = Files.walk(base)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    int port() {
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
