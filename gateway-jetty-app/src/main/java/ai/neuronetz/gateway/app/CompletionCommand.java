package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}: what makes a shell complete commands and flags. */
@Command(
        name = "completion",
        description = {
            "Print a script with which bash or zsh complete commands and flags.",
            "It completes a command of that name, such as an alias of java -jar gateway-jetty-app.jar."
        },
        footer = {
            "",
            "Examples:",
            "  source <(gateway completion bash)",
            "  gateway completion zsh > ~/.gateway-completion"
        })
final class CompletionCommand implements Callable<Integer> {

    private final PrintWriter out;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "SHELL",
            arity = "0..1",
            description = "bash or zsh; the script is the same. Default: ${DEFAULT-VALUE}.")
    private String shell = "bash";

    @Option(names = "--name", paramLabel = "NAME", description = "The command to complete. Default: ${DEFAULT-VALUE}.")
    private String name = "gateway";

    CompletionCommand(PrintWriter out) {
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new ConfigurationException("SHELL: " + shell + " (expected: bash or zsh)");
        }
        // It becomes part of a script.
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new ConfigurationException("--name: " + name + " (expected: letters, digits, '.', '_' and '-')");
        }
        out.print(AutoComplete.bash(name, Objects.requireNonNull(spec).root().commandLine()));
        return ExitCode.OK;
    }
}
