package ai.neuronetz.gateway.testkit;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis for tests: a 7.0 on 127.0.0.1 of the testkit's own, without a password and without persistence, or a database of
 * one that is there already.
 *
 * <p>{@link #shared()} is one server for the whole JVM; {@link #start()} is one of your own, to be paused, stopped and
 * restarted; {@link #at} is a database of somebody else's. Thread-safe; starting takes some 100 ms. The testkit's own run on
 * Linux and macOS only.
 */
public final class TestRedis implements AutoCloseable {

    private final @Nullable RedisNode node;
    private final @Nullable GivenRedis given;
    private final boolean shared;
    private final @Nullable Integer tlsPort;

    private TestRedis(boolean shared, List<String> options, @Nullable Integer tlsPort) {
        this.node = RedisNode.start(options, null);
        this.given = null;
        this.shared = shared;
        this.tlsPort = tlsPort;
    }

    private TestRedis(GivenRedis given) {
        this.node = null;
        this.given = given;
        this.shared = false;
        this.tlsPort = null;
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
     * Takes a numbered database of a Redis that runs already: the one that the URL names, or the first of 1 to 15 that is empty.
     * It is emptied when this is closed. The server cannot be stopped from here.
     *
     * @param url {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss} for TLS
     * @throws IllegalArgumentException if it is of another form; the message does not quote it
     * @throws IllegalStateException if no database is empty: nothing of somebody else's is deleted
     */
    public static TestRedis at(String url) {
        return new TestRedis(GivenRedis.take(url));
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

    /** {@code redis://host:port}, for one that was given with its login and database. */
    public String url() {
        return given == null ? "redis://" + own().address() : given.url();
    }

    /** {@code rediss://127.0.0.1:port}. */
    public String tlsUrl() {
        if (tlsPort == null) {
            throw new IllegalStateException("started without TLS");
        }
        return "rediss://" + RedisNode.HOST + ":" + tlsPort;
    }

    public String host() {
        return given == null ? RedisNode.HOST : given.commands().host();
    }

    /** The port, the same before and after {@link #restart()}. */
    public int port() {
        return given == null ? own().port() : given.commands().port();
    }

    /** Removes all keys, of a given Redis those in its database. Scripts that clients loaded stay. */
    public void flush() {
        if (given == null) {
            own().command("FLUSHALL");
        } else {
            given.flush();
        }
    }

    /** Freezes it (SIGSTOP): connections stay open and nothing is answered. */
    public void pause() {
        own().pause();
    }

    /** Undoes {@link #pause()}. */
    public void resume() {
        own().resume();
    }

    /** Stops at once; all keys and loaded scripts are lost. */
    public void stop() {
        own().stop();
    }

    /** Starts again on the same port, empty; returns when it answers. */
    public void restart() {
        own().restart();
    }

    /** Stops the server, or gives the database back. Does nothing on the {@link #shared()} one, which ends with the JVM. */
    @Override
    public void close() {
        if (given != null) {
            given.close();
        } else if (!shared) {
            own().close();
        }
    }

    private RedisNode own() {
        if (node == null) {
            throw new IllegalStateException(
                    "this Redis was not started by the testkit, which therefore leaves it alone");
        }
        return node;
    }

    private static final class Shared {
        static final TestRedis SERVER = new TestRedis(true, List.of(), null);
    }
}
