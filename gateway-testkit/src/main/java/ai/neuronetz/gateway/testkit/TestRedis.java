package ai.neuronetz.gateway.testkit;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis 7.0 on 127.0.0.1 for tests, without a password and without persistence.
 *
 * <p>{@link #shared()} is one server for the whole JVM; {@link #start()} is one of your own, to be paused, stopped and
 * restarted. Thread-safe; starting takes some 100 ms. Linux and macOS only.
 */
public final class TestRedis implements AutoCloseable {

    private final RedisNode node;
    private final boolean shared;
    private final @Nullable Integer tlsPort;

    private TestRedis(boolean shared, List<String> options, @Nullable Integer tlsPort) {
        this.node = RedisNode.start(options, null);
        this.shared = shared;
        this.tlsPort = tlsPort;
    }

    /** The server of this JVM, started at the first call. */
    public static TestRedis shared() {
        return Shared.SERVER;
    }

    /** Starts a server of its own. */
    public static TestRedis start() {
        return new TestRedis(false, List.of(), null);
    }

    /**
     * Starts a server of its own that also speaks TLS, at {@link #tlsUrl()}, and asks its clients for no certificate.
     *
     * @param certificate in PEM
     * @param key in PEM
     */
    public static TestRedis startWithTls(Path certificate, Path key) {
        int tlsPort = ServerProcess.freePort();
        List<String> options = List.of(
                "--tls-port",
                Integer.toString(tlsPort),
                "--tls-cert-file",
                certificate.toString(),
                "--tls-key-file",
                key.toString(),
                "--tls-auth-clients",
                "no");
        return new TestRedis(false, options, tlsPort);
    }

    /** {@code redis://127.0.0.1:port}. */
    public String url() {
        return "redis://" + node.address();
    }

    /** {@code rediss://127.0.0.1:port}. */
    public String tlsUrl() {
        if (tlsPort == null) {
            throw new IllegalStateException("started without TLS");
        }
        return "rediss://" + RedisNode.HOST + ":" + tlsPort;
    }

    public String host() {
        return RedisNode.HOST;
    }

    /** The port, the same before and after {@link #restart()}. */
    public int port() {
        return node.port();
    }

    /** Removes all keys (FLUSHALL). Scripts that clients loaded stay. */
    public void flush() {
        node.command("FLUSHALL");
    }

    /** Freezes it (SIGSTOP): connections stay open and nothing is answered. */
    public void pause() {
        node.pause();
    }

    /** Undoes {@link #pause()}. */
    public void resume() {
        node.resume();
    }

    /** Stops at once; all keys and loaded scripts are lost. */
    public void stop() {
        node.stop();
    }

    /** Starts again on the same port, empty; returns when it answers. */
    public void restart() {
        node.restart();
    }

    /** Stops the server. Does nothing on the {@link #shared()} one, which ends with the JVM. */
    @Override
    public void close() {
        if (!shared) {
            node.close();
        }
    }

    private static final class Shared {
        static final TestRedis SERVER = new TestRedis(true, List.of(), null);
    }
}
