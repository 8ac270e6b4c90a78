package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.WrappedPipeline;
import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import ai.neuronetz.gateway.upstream.Upstream;
import jakarta.servlet.DispatcherType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * One gateway as a program: {@code ChaosGateway NAME=VALUE…}, the names being those that {@link #main} reads.
 *
 * <p>It obeys lines on its standard input and ends with it. {@code crash POINT} and {@code stall POINT} arm a point: whoever
 * passes it next writes the file {@link #PASSED} and has the JVM halt, or stop itself as SIGSTOP does. {@code disarm} undoes
 * that and writes the file {@link #DISARMED}. Files are written into the working directory.
 */
final class ChaosGateway {

    static final String PASSED = "passed";
    static final String DISARMED = "disarmed";
    private static final int CRASHED = 137;

    private ChaosGateway() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> given = Arrays.stream(arguments)
                .map(argument -> argument.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        CrashPoints points = new CrashPoints();
        serve(WrappedPipeline.build(settings(given), wrapping(points)), Integer.parseInt(given.get("PORT")));
        obey(points);
    }

    private static GatewaySettings settings(Map<String, String> given) {
        return GatewaySettings.builder()
                .databaseUrl(given.get("DATABASE_URL"))
                .redisUrl(given.get("REDIS_URL"))
                .ollamaUrl(given.get("OLLAMA_URL"))
                .keyPepper(given.get("KEY_PEPPER"))
                .maxConcurrentUpstream(Integer.parseInt(given.get("MAX_CONCURRENT_UPSTREAM")))
                .discoveryInterval(Duration.ofMillis(500))
                .discoveryMaxAge(Duration.ofSeconds(10))
                .spoolDirectory(Path.of("spool"))
                .build();
    }

    private static WrappedPipeline.Wrapping wrapping(CrashPoints points) {
        return new WrappedPipeline.Wrapping(
                gate -> points.around(
                        RateGate.class,
                        gate,
                        Map.of(
                                "admit", "GATE_ADMIT",
                                "settle", "GATE_SETTLE",
                                "release", "GATE_RELEASE",
                                "rebuild", "GATE_REBUILD")),
                ledger -> points.around(
                        Ledger.class,
                        ledger,
                        Map.of(
                                "admit", "LEDGER_ADMIT",
                                "settle", "LEDGER_SETTLE",
                                "voidAdmission", "LEDGER_VOID",
                                "beginEpoch", "BEGIN_EPOCH")),
                upstream -> points.around(Upstream.class, upstream, Map.of("send", "UPSTREAM_SEND")),
                accountant -> points.around(Accountant.class, accountant, Map.of("account", "ACCOUNT")));
    }

    private static void serve(GatewayPipeline pipeline, int port) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        connector.setAcceptQueueSize(2048);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        FilterHolder filter = new FilterHolder(new GatewayFilter(pipeline));
        filter.setAsyncSupported(true);
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
        server.setHandler(context);
        server.start();
    }

    private static void obey(CrashPoints points) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "crash" -> points.arm(CrashPoint.valueOf(words[1]), ChaosGateway::crash);
                case "stall" -> points.arm(CrashPoint.valueOf(words[1]), ChaosGateway::stall);
                case "disarm" -> {
                    points.disarm();
                    touch(DISARMED);
                }
                default -> throw new IllegalArgumentException("unknown command: " + line);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void crash() {
        touch(PASSED);
        Runtime.getRuntime().halt(CRASHED);
    }

    private static void stall() {
        touch(PASSED);
        try {
            new ProcessBuilder(
                            "kill",
                            "-STOP",
                            Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void touch(String file) {
        try {
            Files.writeString(Path.of(file), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
