package ai.neuronetz.gateway.bench.ledger;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program of this package in a JVM of its own, which ends with this one: it reads its standard input.
 *
 * <p>It says things as lines of {@code name=value} pairs; {@link #hear} reads the next.
 */
final class ChildProcess implements AutoCloseable {

    private static final String MARK = "SAYS ";

    private final Process process;
    private final BufferedReader lines;
    private final Writer input;

    private ChildProcess(Process process) {
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    }

    static ChildProcess start(Class<?> main, String... arguments) throws IOException {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx512m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()),
                        Stream.of(arguments))
                .toList();
        return new ChildProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits for the next thing it says. */
    Map<String, String> hear() throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(MARK)) {
                Map<String, String> pairs = new LinkedHashMap<>();
                for (String pair : line.substring(MARK.length()).split(" ", -1)) {
                    String[] parts = pair.split("=", 2);
                    pairs.put(parts[0], parts[1]);
                }
                return pairs;
            }
            System.out.println(line);
        }
        throw new IOException("a child process ended without an answer");
    }

    void tellToBegin() throws IOException {
        input.write("begin\n");
        input.flush();
    }

    /** Closes its standard input, and kills it if that does not end it. */
    @Override
    public void close() throws IOException {
        input.close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** In the child: says something to the parent. Values must not contain blanks. */
    static void say(PrintStream out, Map<String, ?> pairs) {
        out.println(MARK
                + String.join(
                        " ",
                        pairs.entrySet().stream()
                                .map(pair -> pair.getKey() + "=" + pair.getValue())
                                .toList()));
        out.flush();
    }

    /** In the child: waits for {@link #tellToBegin}, or for the end of the parent, which ends this process too. */
    static void awaitBegin() throws IOException {
        if (System.in.read() < 0) {
            System.exit(3);
        }
        Thread watch = new Thread(
                () -> {
                    awaitEnd();
                    System.exit(3);
                },
                "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** In the child: waits until the parent closes. */
    static void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            System.err.println(e);
        }
    }
}
