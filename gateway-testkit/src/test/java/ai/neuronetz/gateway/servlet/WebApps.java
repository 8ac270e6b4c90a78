package ai.neuronetz.gateway.servlet;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EventListener;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.FileResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;

/** A host whose one application is deployed, again and again, in a class loader of its own. */
interface WebApps extends AutoCloseable {

    /** The libraries of the host, of the tests and of the build; all others are the application's own. */
    Pattern NOT_IN_THE_APPLICATION = Pattern.compile("(jakarta\\.|jetty-|tomcat-|slf4j-|jcl-over|logback-|junit-|"
            + "opentest4j|apiguardian|wiremock|embedded-|flyway-|awaitility|hamcrest|archunit|assertj|byte-buddy|"
            + "commons-|xz-|httpclient5-|surefire).*");

    int port();

    /** Puts the application there and returns its class loader. */
    ClassLoader deploy(Map<String, String> parameters) throws Exception;

    void undeploy() throws Exception;

    @Override
    void close();

    static WebApps start(ServletHost.Kind kind) throws Exception {
        return kind == ServletHost.Kind.JETTY ? new Jetty() : new TomcatApps();
    }

    static List<Path> libraries() {
        return Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
                .map(Path::of)
                .filter(Files::exists)
                .filter(path -> !NOT_IN_THE_APPLICATION
                        .matcher(path.getFileName().toString())
                        .matches())
                .toList();
    }

    final class Jetty implements WebApps {

        private final Server server = new Server();
        private final ServerConnector connector = new ServerConnector(server, 1, 1);
        private final ContextHandlerCollection applications = new ContextHandlerCollection();
        private ServletContextHandler context;

        private Jetty() throws Exception {
            connector.setHost("127.0.0.1");
            server.addConnector(connector);
            server.setHandler(applications);
            server.start();
        }

        @Override
        public int port() {
            return connector.getLocalPort();
        }

        @Override
        public ClassLoader deploy(Map<String, String> parameters) throws Exception {
            List<URL> urls = new ArrayList<>();
            for (Path library : libraries()) {
                urls.add(library.toUri().toURL());
            }
            ClassLoader loader = new ApplicationFirst(urls);
            context = new ServletContextHandler("/app");
            context.setClassLoader(loader);
            parameters.forEach(context::setInitParameter);
            context.addEventListener((EventListener) loader.loadClass(RedeployedApp.class.getName())
                    .getConstructor()
                    .newInstance());
            applications.addHandler(context);
            context.start();
            return loader;
        }

        @Override
        public void undeploy() throws Exception {
            context.stop();
            applications.removeHandler(context);
            context.destroy();
            ((ApplicationFirst) context.getClassLoader()).close();
            context = null;
        }

        @Override
        public void close() {
            try {
                server.stop();
            } catch (Exception e) {
                throw new IllegalStateException("The host did not stop.", e);
            }
        }
    }

    /** Loads from the application what is there, as the specification of servlets recommends. */
    final class ApplicationFirst extends URLClassLoader {

        private ApplicationFirst(List<URL> urls) {
            super(urls.toArray(URL[]::new), WebApps.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded == null && !name.startsWith("java.") && !name.startsWith("jakarta.")) {
                    try {
                        loaded = findClass(name);
                    } catch (ClassNotFoundException e) {
                        loaded = null;
                    }
                }
                return loaded == null ? super.loadClass(name, resolve) : loaded;
            }
        }
    }

    final class TomcatApps implements WebApps {

        private final Path base = Files.createTempDirectory("gateway-tomcat");
        private final Tomcat tomcat = new Tomcat();
        private StandardContext context;

        private TomcatApps() throws IOException, LifecycleException {
            tomcat.setBaseDir(base.toString());
            tomcat.setPort(0);
            tomcat.setSilent(true);
            tomcat.getConnector().setProperty("address", "127.0.0.1");
            // Made when it is first asked for.
            tomcat.getHost();
            tomcat.start();
        }

        @Override
        public int port() {
            return tomcat.getConnector().getLocalPort();
        }

        @Override
        public ClassLoader deploy(Map<String, String> parameters) {
            context = new StandardContext();
            context.setPath("/app");
            context.setDocBase(base.toString());
            context.addLifecycleListener(new Tomcat.FixContextListener());
            // These look into the JDK's own objects, which need an open module and hide nothing of ours.
            context.setClearReferencesRmiTargets(false);
            context.setClearReferencesThreadLocals(false);
            StandardRoot resources = new StandardRoot(context);
            for (Path library : libraries()) {
                resources.addPreResources(
                        Files.isDirectory(library)
                                ? new DirResourceSet(resources, "/WEB-INF/classes", library.toString(), "/")
                                : new FileResourceSet(
                                        resources, "/WEB-INF/lib/" + library.getFileName(), library.toString(), "/"));
            }
            context.setResources(resources);
            parameters.forEach(context::addParameter);
            context.addApplicationListener(RedeployedApp.class.getName());
            tomcat.getHost().addChild(context);
            return context.getLoader().getClassLoader();
        }

        @Override
        public void undeploy() {
            tomcat.getHost().removeChild(context);
            context = null;
        }

        @Override
        public void close() {
            try {
                tomcat.stop();
                tomcat.destroy();
                ServletHost.delete(base);
            } catch (IOException | LifecycleException e) {
                throw new IllegalStateException("The host did not stop.", e);
            }
        }
    }
}
