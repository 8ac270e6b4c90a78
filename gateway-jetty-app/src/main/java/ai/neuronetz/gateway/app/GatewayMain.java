package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.PostgresAdministration;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/** The program: {@code java -jar gateway-jetty-app.jar <command>}. */
public final class GatewayMain {

    private GatewayMain() {}

    public static void main(String[] arguments) {
        TerminationSignal signal = new TerminationSignal();
        CommandLines commands = new CommandLines(
                System.getenv(),
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                url -> PostgresAdministration.connect(DatabaseSettings.parse(url)),
                PipelineGateway::open,
                signal);
        int exitCode = commands.execute(arguments);
        signal.finished(exitCode);
        System.exit(exitCode);
    }
}
