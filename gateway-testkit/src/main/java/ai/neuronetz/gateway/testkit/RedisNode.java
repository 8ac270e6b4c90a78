package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One {@code redis-server} on 127.0.0.1, on the same port through stops and starts, with a directory of its own.
 *
 * <p>Thread-safe. Ends with the JVM at the latest.
 */
final class RedisNode implements AutoCloseable {

    static final String HOST = "127.0.0.1";

    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final ScratchDirectory scratch = ScratchDirectory.create("redis");
    private final int port = ServerProcess.freePort();
    private final Thread hook = new Thread(this::release, "test-redis-stop");
    private final List<String> options;
    private final @Nullable String password;

    // Guarded by this.
    private @Nullable ServerProcess server;
    private boolean closed;

    private RedisNode(List<String> options, @Nullable String password) {
        this.options = options;
        this.password = password;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Starts one.
     *
     * @param options for its command line, after those that every one has
     */
    static RedisNode start(List<String> options, @Nullable String password) {
        List<String> all = new ArrayList<>(List.of("--save", "", "--appendonly", "no", "--maxclients", "1000"));
        all.addAll(options);
        if (password != null) {
            all.addAll(List.of("--requirepass", password, "--masterauth", password));
        }
        return new RedisNode(List.copyOf(all), password).started();
    }

    /**
     * Starts one that watches others.
     *
     * @param watch lines of its configuration file, which it will rewrite
     */
    static RedisNode sentinel(List<String> watch) {
        RedisNode node = new RedisNode(List.of("--sentinel"), null);
        Path file = node.scratch.path().resolve("sentinel.conf");
        try {
            Files.write(file, watch);
        } catch (IOException e) {
            node.close();
            throw new UncheckedIOException(e);
        }
        return node.started();
    }

    private RedisNode started() {
        try {
            launch();
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    /** {@code host:port}. */
    String address() {
        return HOST + ":" + port;
    }

    synchronized void pause() {
        running().pause();
    }

    synchronized void resume() {
        running().resume();
    }

    synchronized void stop() {
        if (server != null) {
            server.stop();
            server = null;
        }
    }

    synchronized boolean stopped() {
        return server == null;
    }

    synchronized void restart() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        stop();
        launch();
    }

    @Override
    public void close() {
        release();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and finds nothing left to do.
        }
    }

    private synchronized void release() {
        if (!closed) {
            closed = true;
            stop();
            scratch.close();
        }
    }

    private synchronized void launch() {
        List<String> command = new ArrayList<>();
        command.add(ServerPrograms.redis().toString());
        if (options.contains("--sentinel")) {
            command.add(scratch.path().resolve("sentinel.conf").toString());
        }
        command.addAll(List.of("--bind", HOST, "--port", Integer.toString(port)));
        command.addAll(options);
        ServerProcess started = ServerProcess.start(command, "KILL", scratch);
        server = started;
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try {
                if (command("PING").equals("PONG")) {
                    return;
                }
            } catch (UncheckedIOException e) {
                if (started.exitedWithin(Duration.ofMillis(10)) || System.nanoTime() > deadline) {
                    throw new IllegalStateException("Redis did not start: " + started.log(), e);
                }
            }
        }
    }

    /** As {@link RedisCommands#run}. */
    String command(String... words) {
        return new RedisCommands(HOST, port, null, password, 0, false).run(words);
    }

    private ServerProcess running() {
        if (server == null) {
            throw new IllegalStateException("stopped");
        }
        return server;
    }
}
