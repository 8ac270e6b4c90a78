package ai.neuronetz.gateway.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compares HTTP clients for the relay to Ollama: Apache HttpClient, Jetty's and the JDK's, with a bare socket as the floor.
 *
 * <p>{@code -Dbench.javaHomes} lists the JDKs to run the clients on (default: this one) and {@code -Dbench.repetitions}
 * says how often each is measured. The repetitions are interleaved, and medians are printed, because other work on the
 * machine comes and goes. The server always runs on the JDK of this process.
 */
final class UpstreamClientBenchmark {

    private static final List<String> CLIENTS = List.of("socket", "apache", "jetty", "jdk");

    private UpstreamClientBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        String[] homes = System.getProperty("bench.javaHomes", System.getProperty("java.home"))
                .split(File.pathSeparator, -1);
        int repetitions = Integer.getInteger("bench.repetitions", 3);
        Map<String, List<Map<String, Double>>> measured = new LinkedHashMap<>();
        Process server = start(System.getProperty("java.home"), UpstreamClientBenchmarkServer.class);
        try (var fromServer = reader(server)) {
            String port = fromServer.readLine();
            for (int repetition = 1; repetition <= repetitions; repetition++) {
                for (String client : CLIENTS) {
                    for (String home : homes) {
                        String rival = client + " | " + javaVersion(home);
                        var results = run(home, client, port);
                        System.out.printf(
                                Locale.ROOT, "# load %s, run %d, %s: %s%n", load(), repetition, rival, results);
                        measured.computeIfAbsent(rival, key -> new ArrayList<>())
                                .add(results);
                    }
                }
            }
        } finally {
            server.destroy();
        }
        printTable(measured);
    }

    private static Map<String, Double> run(String home, String client, String port) throws IOException {
        Process process = start(home, UpstreamClientBenchmarkRun.class, client, port);
        Map<String, Double> results = new LinkedHashMap<>();
        try (var lines = reader(process)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("RESULT ")) {
                    Stream.of(line.split(" ", -1))
                            .skip(1)
                            .map(pair -> pair.split("=", 2))
                            .forEach(pair -> results.put(pair[0], Double.valueOf(pair[1])));
                } else {
                    System.out.println(line);
                }
            }
        }
        if (results.isEmpty()) {
            throw new IllegalStateException("no results from client " + client + " on " + home);
        }
        return results;
    }

    private static Process start(String home, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(home, "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static String javaVersion(String home) throws IOException {
        try (var lines = Files.lines(Path.of(home, "release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.replaceAll("JAVA_VERSION=|\"", ""))
                    .findFirst()
                    .orElse(home);
        }
    }

    private static String load() throws IOException {
        Path average = Path.of("/proc/loadavg");
        return Files.exists(average) ? Files.readString(average).split(" ", 2)[0] : "unknown";
    }

    private static void printTable(Map<String, List<Map<String, Double>>> measured) {
        System.out.println();
        System.out.println(
                "| client | Java | CPU/request µs | latency p50/p99 µs | CPU/frame µs | frame delay p50/p99 µs "
                        + "| threads | heap MiB | RSS MiB | cancel p50/max µs | unasked KiB | failures |");
        System.out.println("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        measured.forEach((rival, runs) -> {
            var cells = Stream.of(
                            "requestMicros",
                            "latencyP50Micros/latencyP99Micros",
                            "frameMicros",
                            "frameP50Micros/frameP99Micros",
                            "threads",
                            "heapMiB",
                            "rssMiB",
                            "cancelP50Micros/cancelMaxMicros",
                            "unaskedKiB",
                            "failures")
                    .map(keys -> cell(runs, keys))
                    .toList();
            System.out.println("| " + rival + " | " + String.join(" | ", cells) + " |");
        });
    }

    private static String cell(List<Map<String, Double>> runs, String keys) {
        return String.join(
                " / ",
                Stream.of(keys.split("/", -1)).map(key -> median(runs, key)).toList());
    }

    private static String median(List<Map<String, Double>> runs, String key) {
        double[] sorted = runs.stream()
                .mapToDouble(run -> run.getOrDefault(key, Double.NaN))
                .sorted()
                .toArray();
        double median = sorted[sorted.length / 2];
        if (Double.isNaN(median)) {
            return "–";
        }
        return String.format(Locale.ROOT, median < 100 && median % 1 != 0 ? "%.1f" : "%.0f", median);
    }
}
