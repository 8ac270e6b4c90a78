package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place for one program, which can be started there again and again, killed and frozen.
 *
 * <p>Its directory, with {@code server.log} in it, stays until {@link #close}. Thread-safe. However this JVM ends, the program
 * ends too.
 */
public final class Child implements AutoCloseable {

    private static final int LOG_TAIL = 4_000;

    private final ScratchDirectory scratch;
    private final Thread hook = new Thread(this::release, "child-stop");

    // Guarded by this.
    private @Nullable ServerProcess process;
    private boolean closed;

    /** @param kind lower-case letters, for the name of the directory */
    public Child(String kind) {
        this.scratch = ScratchDirectory.create(kind);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** A port that nothing outside of these tests takes while its server is away. */
    public static int freePort() {
        return ServerProcess.freePort();
    }

    /** The program's working directory. */
    public Path directory() {
        return scratch.path();
    }

    /** Kills what runs, and runs this. */
    public synchronized void start(List<String> command) {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        kill();
        process = ServerProcess.start(command, "KILL", scratch);
    }

    /** SIGKILL; also to one that is frozen, or gone. */
    public synchronized void kill() {
        if (process != null) {
            process.stop();
            process = null;
        }
    }

    /** SIGSTOP; nothing happens to one that is gone. */
    public synchronized void freeze() {
        if (alive()) {
            running().pause();
        }
    }

    /** SIGCONT; nothing happens to one that is not frozen. */
    public synchronized void thaw() {
        if (alive()) {
            running().resume();
        }
    }

    public synchronized boolean alive() {
        return process != null && process.alive();
    }

    /** Whether it is gone, waiting for that up to {@code limit}. */
    public boolean exitedWithin(Duration limit) {
        ServerProcess current;
        synchronized (this) {
            current = process;
        }
        return current == null || current.exitedWithin(limit);
    }

    /** Writes a line to its standard input; nobody hears it if it is gone. */
    public synchronized void tell(String line) {
        if (process == null) {
            return;
        }
        try {
            OutputStream input = process.input();
            input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            if (process.alive()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The last lines of what it printed. */
    public synchronized String log() {
        String log = process == null ? "not running" : process.log();
        return log.substring(Math.max(0, log.length() - LOG_TAIL));
    }

    @Override
    public void close() {
        release();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and finds nothing left to do.
            return;
        }
    }

    private synchronized void release() {
        if (!closed) {
            closed = true;
            kill();
            scratch.close();
        }
    }

    private ServerProcess running() {
        if (process == null) {
            throw new IllegalStateException("not running");
        }
        return process;
    }
}
