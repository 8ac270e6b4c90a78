package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis 7.0 on 127.0.0.1 for tests, without a password and without persistence.
 *
 * <p>{@link #shared()} is one server for the whole JVM; {@link #start()} is one of your own, to be paused, stopped and
 * restarted. Thread-safe; starting takes some 100 ms. Linux and macOS only.
 */
public final class TestRedis implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final int ANSWER_LIMIT_MILLIS = 5_000;

    private final ScratchDirectory scratch;
    private final boolean shared;
    private final int port;
    private final Thread hook;

    // Guarded by this.
    private @Nullable ServerProcess server;
    private boolean closed;

    private TestRedis(boolean shared) {
        this.shared = shared;
        this.scratch = ScratchDirectory.create("redis");
        this.port = ServerProcess.freePort();
        this.hook = new Thread(this::release, "test-redis-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            launch();
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    /** The server of this JVM, started at the first call. */
    public static TestRedis shared() {
        return Shared.SERVER;
    }

    /** Starts a server of its own. */
    public static TestRedis start() {
        return new TestRedis(false);
    }

    /** {@code redis://127.0.0.1:port}. */
    public String url() {
        return "redis://" + host() + ":" + port;
    }

    public String host() {
        return "127.0.0.1";
    }

    /** The port, the same before and after {@link #restart()}. */
    public int port() {
        return port;
    }

    /** Removes all keys (FLUSHALL). Scripts that clients loaded stay. */
    public void flush() {
        String answer = command("FLUSHALL");
        if (!answer.equals("+OK")) {
            throw new IllegalStateException("FLUSHALL: " + answer);
        }
    }

    /** Freezes it (SIGSTOP): connections stay open and nothing is answered. */
    public synchronized void pause() {
        running().pause();
    }

    /** Undoes {@link #pause()}. */
    public synchronized void resume() {
        running().resume();
    }

    /** Stops at once; all keys and loaded scripts are lost. */
    public synchronized void stop() {
        if (server != null) {
            server.stop();
            server = null;
        }
    }

    /** Starts again on the same port, empty; returns when it answers. */
    public synchronized void restart() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        stop();
        launch();
    }

    /** Stops the server. Does nothing on the {@link #shared()} one, which ends with the JVM. */
    @Override
    public void close() {
        if (!shared) {
            release();
            removeHook();
        }
    }

    private synchronized void release() {
        if (!closed) {
            closed = true;
            stop();
            scratch.close();
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and finds nothing left to do.
        }
    }

    private void launch() {
        ServerProcess started = ServerProcess.start(
                List.of(
                        ServerPrograms.redis().toString(),
                        "--bind",
                        host(),
                        "--port",
                        Integer.toString(port),
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--maxclients",
                        "1000"),
                "KILL",
                scratch);
        server = started;
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try {
                if (command("PING").equals("+PONG")) {
                    return;
                }
            } catch (UncheckedIOException e) {
                if (started.exitedWithin(Duration.ofMillis(10)) || System.nanoTime() > deadline) {
                    throw new IllegalStateException("Redis did not start: " + started.log(), e);
                }
            }
        }
    }

    /** One inline command on a connection of its own; returns the first line of the answer. */
    private String command(String command) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ANSWER_LIMIT_MILLIS);
            socket.setSoTimeout(ANSWER_LIMIT_MILLIS);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            StringBuilder line = new StringBuilder();
            for (int b = socket.getInputStream().read();
                    b >= 0 && b != '\r';
                    b = socket.getInputStream().read()) {
                line.append((char) b);
            }
            return line.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServerProcess running() {
        if (server == null) {
            throw new IllegalStateException("stopped");
        }
        return server;
    }

    private static final class Shared {
        static final TestRedis SERVER = new TestRedis(true);
    }
}
