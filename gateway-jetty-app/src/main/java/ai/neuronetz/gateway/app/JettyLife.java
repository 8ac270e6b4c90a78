package ai.neuronetz.gateway.app;

import java.io.IOException;
import org.eclipse.jetty.server.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts and stops a Jetty whose own methods throw anything. */
final class JettyLife {

    private static final Logger LOG = LoggerFactory.getLogger(JettyLife.class);

    private JettyLife() {}

    /** @throws IOException if it cannot listen where it is to */
    static void start(Server server) throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Jetty did not start", e);
        }
    }

    /** Stops listening and cuts what is still open. */
    static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            // Everything has been settled by now, and the process is about to end.
            LOG.warn("Jetty did not stop in order", e);
        }
    }
}
