package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis, from a binary in the package registry, on loopback and without persistence.
 *
 * <p>Thread-safe. The shared one stops with the JVM; one of the test's own is stopped by closing it.
 */
public final class TestRedis implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(20);

    private static @Nullable TestRedis shared;

    private final Path folder;
    private final int port;
    private Process process;

    private TestRedis() {
        this.folder = ServerProcess.newFolder("redis");
        this.port = freePort();
        unpack(folder.resolve("redis-server"));
        this.process = launch();
        awaitAnswer();
    }

    /** The one that all tests of this JVM share; tenants keep them apart. */
    public static synchronized TestRedis shared() {
        if (shared == null) {
            shared = start();
            Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
        }
        return shared;
    }

    /** One that the test may stop. */
    public static TestRedis start() {
        return new TestRedis();
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /** Freezes the server: connections stay open and nothing is answered. */
    public synchronized void pause() {
        ServerProcess.signal("STOP", process.toHandle());
    }

    /** Ends {@link #pause}. */
    public synchronized void resume() {
        ServerProcess.signal("CONT", process.toHandle());
    }

    /** Kills the server. */
    public synchronized void stop() {
        process.destroyForcibly().onExit().join();
    }

    /** Starts the server again on the same port, and empty. */
    public synchronized void restart() {
        stop();
        process = launch();
        awaitAnswer();
    }

    /** Forgets everything. */
    public void flush() {
        command("FLUSHALL");
    }

    /** Sends an inline command and returns the first line of the answer. */
    public String command(String inline) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write((inline + "\r\n").getBytes(StandardCharsets.UTF_8));
            StringBuilder line = new StringBuilder();
            InputStream in = socket.getInputStream();
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                line.append((char) c);
            }
            return line.toString().strip();
        } catch (IOException e) {
            throw new UncheckedIOException("Redis on port " + port + ": " + inline, e);
        }
    }

    private Process launch() {
        try {
            return new ProcessBuilder(
                            folder.resolve("redis-server").toString(),
                            "--port",
                            Integer.toString(port),
                            "--bind",
                            "127.0.0.1",
                            "--save",
                            "",
                            "--appendonly",
                            "no",
                            "--maxmemory-policy",
                            "noeviction",
                            "--dir",
                            folder.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("redis.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("Redis did not start in " + folder, e);
        }
    }

    private void awaitAnswer() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try {
                if (command("PING").equals("+PONG")) {
                    return;
                }
            } catch (UncheckedIOException e) {
                if (System.nanoTime() > deadline || !process.isAlive()) {
                    throw new IllegalStateException("Redis did not answer; see " + folder.resolve("redis.log"), e);
                }
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static void unpack(Path target) {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        String cpu = System.getProperty("os.arch").matches("aarch64|arm64") ? "arm64" : "amd64";
        String name = "/redis-server-7.0.15-" + os + "-" + cpu;
        try (InputStream in = TestRedis.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("there is no Redis binary for " + os + " on " + cpu);
            }
            Files.copy(in, target);
            if (!target.toFile().setExecutable(true)) {
                throw new IllegalStateException(target + " cannot be made executable");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.0.0.1", 0));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        stop();
        ServerProcess.delete(folder);
    }
}
