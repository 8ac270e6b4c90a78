package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A server program running as a child of this JVM, with a watcher that ends it if the JVM is killed.
 *
 * <p>The watcher is a shell that waits for its standard input to close, which the kernel does however the JVM ends.
 */
final class ServerProcess {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final String WATCHER = """
            trap '' HUP INT TERM
            while read -r line; do :; done
            kill -CONT "$1" 2>/dev/null
            kill -"$3" "$1" 2>/dev/null
            i=0
            while kill -0 "$1" 2>/dev/null && [ $i -lt 80 ]; do sleep 0.1; i=$((i + 1)); done
            kill -KILL "$1" 2>/dev/null
            rm -rf "$2"
            """;

    private final Process process;
    private final Process watcher;
    private final String stopSignal;
    private final Path log;

    private ServerProcess(Process process, Process watcher, String stopSignal, Path log) {
        this.stopSignal = stopSignal;
        this.process = process;
        this.watcher = watcher;
        this.log = log;
    }

    /**
     * Runs {@code command} in {@code scratch}; both output streams go to {@code server.log} there. {@code stopSignal} ends
     * it at once: KILL unless the program has to clean up. QUIT does nothing to a program that does not unblock it,
     * because a JVM starts its children with it blocked.
     */
    static ServerProcess start(List<String> command, String stopSignal, ScratchDirectory scratch) {
        Path log = scratch.path().resolve("server.log");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(scratch.path().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            String pid = Long.toString(process.pid());
            Files.writeString(scratch.path().resolve(ScratchDirectory.SERVER_PID), pid + " " + stopSignal);
            Process watcher = new ProcessBuilder(
                            "sh",
                            "-c",
                            WATCHER,
                            "testkit-watcher",
                            pid,
                            scratch.path().toString(),
                            stopSignal)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new ServerProcess(process, watcher, stopSignal, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A port below those the kernel gives to outgoing connections: one of them would be able to take the port while the
     * server is stopped.
     */
    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // In use: take another.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Runs a program to its end and returns what it printed. */
    static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = process.waitFor();
            if (exit != 0) {
                throw new IllegalStateException(command + " ended with " + exit + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Sends a signal by its name without SIG; processes that are gone are passed over. */
    static void signal(String name, List<ProcessHandle> targets) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -$0 \"$@\" 2>/dev/null; :", name));
        targets.forEach(target -> command.add(Long.toString(target.pid())));
        if (!targets.isEmpty()) {
            run(command);
        }
    }

    static boolean awaitExit(ProcessHandle process) {
        try {
            process.onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** What it reads as its standard input. */
    OutputStream input() {
        return process.getOutputStream();
    }

    /** Stops all processes of the server as SIGSTOP does: connections stay open and nothing answers. */
    void pause() {
        // The parent first, so that it starts no further child after the children were listed.
        signal("STOP", List.of(process.toHandle()));
        signal("STOP", process.descendants().toList());
    }

    void resume() {
        signal("CONT", family());
    }

    /** Waits {@code limit} for an unexpected end; true if the server is gone. */
    boolean exitedWithin(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Ends the server without letting it finish anything; paused or already dead is fine. */
    void stop() {
        watcher.destroyForcibly();
        List<ProcessHandle> family = family();
        signal("CONT", family);
        signal(stopSignal, List.of(process.toHandle()));
        awaitExit(process.toHandle());
        family.forEach(ProcessHandle::destroyForcibly);
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    private List<ProcessHandle> family() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }
}
