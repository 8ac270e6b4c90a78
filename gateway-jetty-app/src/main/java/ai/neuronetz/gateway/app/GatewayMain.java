package ai.neuronetz.gateway.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/** The program: {@code java -jar gateway-jetty-app.jar <command>}. */
public final class GatewayMain {

    private GatewayMain() {}

    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        CommandLines commands = new CommandLines(System.getenv(), out, err, Clock.systemUTC(), Database::connect);
        System.exit(commands.execute(arguments));
    }
}
