package ai.neuronetz.gateway.testkit;

import org.eclipse.jetty.server.Server;

/** Starts and stops Jetty without its checked exceptions. */
final class TestServers {

    private TestServers() {}

    static void start(Server server) {
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("a test server did not start", e);
        }
    }

    static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("a test server did not stop", e);
        }
    }
}
