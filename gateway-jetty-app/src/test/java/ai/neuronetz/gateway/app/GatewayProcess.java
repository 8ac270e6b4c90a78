package ai.neuronetz.gateway.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code serve} in a JVM of its own, as users run it. Closing kills it, if it has not ended. */
final class GatewayProcess implements AutoCloseable {

    private static final String READY = "listening on ";

    private final Process process;
    private final Path log;
    private final BufferedReader out;
    private final URI url;

    private GatewayProcess(Process process, Path log, BufferedReader out, URI url) {
        this.process = process;
        this.log = log;
        this.out = out;
        this.url = url;
    }

    /** Starts it, and waits until it says where it listens. */
    static GatewayProcess start(Map<String, String> settings) throws IOException {
        Path log = Files.createTempFile("gateway", ".log");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        // As the tests themselves; see the parent's pom.
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        GatewayMain.class.getName(),
                        "serve"))
                .redirectError(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(settings);
        Process process = builder.start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null || !line.startsWith(READY)) {
            process.destroyForcibly();
            throw new IllegalStateException("serve said '" + line + "' and logged:\n" + Files.readString(log));
        }
        return new GatewayProcess(process, log, out, URI.create(line.substring(READY.length())));
    }

    /** Base URL, without a slash at the end. */
    URI url() {
        return url;
    }

    /** The next line it printed; that of the management port, unless that is off. */
    String nextLine() throws IOException {
        return String.valueOf(out.readLine());
    }

    /** Sends a signal by its name, such as STOP. */
    void signal(String name) throws IOException, InterruptedException {
        int exitCode = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (exitCode != 0) {
            throw new IOException("no such process, or no such signal: " + name);
        }
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** The exit code; an exception if it has not ended in time. */
    int exitCode(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("serve still runs");
        }
        return process.exitValue();
    }

    /** All it has logged. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Files.deleteIfExists(log);
    }
}
