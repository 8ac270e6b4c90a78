package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.testkit.Child;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A {@link ChaosGateway} in a JVM of its own, on a port that it keeps. Thread-safe. */
final class GatewayProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration PROVOKE_AGAIN = Duration.ofMillis(250);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Child child = new Child("gateway");
    private final int port = Child.freePort();
    private final List<String> command;

    /**
     * @param overlay in front of the class path
     * @param settings by the names that {@link ChaosGateway} reads
     */
    GatewayProcess(@Nullable Path overlay, Map<String, String> settings) {
        String classPath = System.getProperty("java.class.path");
        this.command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                overlay == null ? classPath : overlay.toAbsolutePath() + File.pathSeparator + classPath,
                ChaosGateway.class.getName(),
                "PORT=" + port));
        settings.forEach((name, value) -> command.add(name + "=" + value));
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Starts it, or starts it again after killing it; does not wait. */
    void launch() {
        child.start(command);
    }

    /** {@link #launch}, and returns when it serves, whatever its stores do. */
    void restart() throws InterruptedException {
        launch();
        awaitStatus("/livez", START_LIMIT);
    }

    void kill() {
        child.kill();
    }

    void freeze() {
        child.freeze();
    }

    void thaw() {
        child.thaw();
    }

    /** Undoes what faults left behind: it runs, and nothing is armed. */
    void heal() {
        child.thaw();
        unblockSpool();
        child.tell("disarm");
        if (!child.alive()) {
            launch();
        }
    }

    /** Puts its spool out of its reach: whatever it writes there fails. */
    void blockSpool() {
        Path spool = child.directory().resolve("spool");
        try {
            if (Files.isDirectory(spool)) {
                Files.move(spool, aside());
                Files.writeString(spool, "in the way");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Undoes {@link #blockSpool}; what was in it is there again. */
    void unblockSpool() {
        Path spool = child.directory().resolve("spool");
        try {
            if (Files.isDirectory(aside())) {
                Files.deleteIfExists(spool);
                Files.move(aside(), spool);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path aside() {
        return child.directory().resolve("spool-aside");
    }

    boolean alive() {
        return child.alive();
    }

    /** Whether it is gone, waiting for that up to {@code limit}. */
    boolean exitedWithin(Duration limit) {
        return child.exitedWithin(limit);
    }

    /**
     * Has it die at {@code point}; true if it did within {@code limit}, else it is disarmed and lives.
     *
     * @param provocation done again and again, to have the point reached
     */
    boolean crashAt(CrashPoint point, Duration limit, Runnable provocation) throws InterruptedException {
        return passes("crash " + point, limit, provocation);
    }

    /** Has it freeze itself at {@code point}, as {@link #crashAt} has it die. */
    boolean stallAt(CrashPoint point, Duration limit, Runnable provocation) throws InterruptedException {
        return passes("stall " + point, limit, provocation);
    }

    /**
     * Waits until it answers 200.
     *
     * @throws IllegalStateException with the end of its log if it does not
     */
    void awaitStatus(String path, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        String answer = "nothing";
        while (System.nanoTime() < deadline) {
            try {
                HttpRequest request = HttpRequest.newBuilder(url().resolve(path))
                        .timeout(Duration.ofSeconds(2))
                        .build();
                HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 200) {
                    return;
                }
                answer = response.body();
            } catch (IOException e) {
                answer = e.toString();
            }
            if (!alive()) {
                break;
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        throw new IllegalStateException(
                url() + path + " answers " + answer + ", and its log ends with:\n" + child.log());
    }

    /** The end of what it printed. */
    String log() {
        return child.log();
    }

    @Override
    public void close() {
        child.close();
    }

    private boolean passes(String command, Duration limit, Runnable provocation) throws InterruptedException {
        remove(ChaosGateway.PASSED);
        child.tell(command);
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            provocation.run();
            if (appears(ChaosGateway.PASSED, PROVOKE_AGAIN)) {
                return true;
            }
        }
        return !disarm();
    }

    /** True once nothing is armed any more and nothing happened before that. */
    private boolean disarm() throws InterruptedException {
        remove(ChaosGateway.DISARMED);
        child.tell("disarm");
        boolean disarmed = appears(ChaosGateway.DISARMED, Duration.ofSeconds(2));
        return disarmed && alive() && !Files.exists(child.directory().resolve(ChaosGateway.PASSED));
    }

    private boolean appears(String file, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!Files.exists(child.directory().resolve(file))) {
            if (System.nanoTime() > deadline || !alive()) {
                return false;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        return true;
    }

    private void remove(String file) {
        try {
            Files.deleteIfExists(child.directory().resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
