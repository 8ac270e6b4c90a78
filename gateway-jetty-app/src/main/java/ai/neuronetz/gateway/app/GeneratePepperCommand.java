package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code generate-pepper}: a value for {@code KEY_PEPPER}. */
@Command(
        name = "generate-pepper",
        description = {
            "Print a new KEY_PEPPER: 32 random bytes in base64.",
            "Keep it out of the database and its backups. With another pepper no existing key works any more."
        },
        footer = {"", "Example:", "  (umask 077; java -jar gateway-jetty-app.jar generate-pepper > pepper)"})
final class GeneratePepperCommand implements Callable<Integer> {

    private static final int PEPPER_BYTES = 32;

    private final PrintWriter out;

    @Mixin
    private OutputFormat format = new OutputFormat();

    GeneratePepperCommand(PrintWriter out) {
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        byte[] pepper = new byte[PEPPER_BYTES];
        new SecureRandom().nextBytes(pepper);
        String text = Base64.getEncoder().encodeToString(pepper);
        format.printDone(text, Report.of("pepper").row(text), out);
        return ExitCode.OK;
    }
}
