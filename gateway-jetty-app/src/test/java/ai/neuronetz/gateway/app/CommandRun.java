package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.admin.Administration;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/** One run of one command, without a process: what it was given, and what it printed. */
final class CommandRun {

    static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    private final Map<String, String> environment = new HashMap<>();
    private final Administration administration;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String connectedTo = "";

    CommandRun(Administration administration) {
        this.administration = administration;
    }

    CommandRun with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    CommandRun without(String variable) {
        environment.remove(variable);
        return this;
    }

    /** The exit code. */
    int execute(String... arguments) {
        CommandLines commands = new CommandLines(
                environment,
                new PrintWriter(out),
                new PrintWriter(err),
                Clock.fixed(NOW, ZoneOffset.UTC),
                url -> {
                    connectedTo = url;
                    return administration;
                },
                settings -> {
                    throw new AssertionError("serve went as far as opening the gateway: " + settings);
                },
                () -> {});
        return commands.execute(arguments);
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    /** The URL the command connected to, empty if it did not. */
    String connectedTo() {
        return connectedTo;
    }
}
