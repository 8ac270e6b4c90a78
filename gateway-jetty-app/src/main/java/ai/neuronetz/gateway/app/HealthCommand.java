package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.AdministrationException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code health}: whether a running gateway can serve; for a container's health check. */
@Command(
        name = "health",
        description = "Ask a running gateway on its management port whether it can serve.",
        exitCodeList = {"0:it can", "1:it cannot, or does not answer", "2:wrong usage"},
        footer = {"", "Examples:", "  health", "  health --url http://127.0.0.1:8081/livez --json"})
final class HealthCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final PrintWriter out;

    @Option(names = "--url", paramLabel = "URL", description = "The page to ask. Default: ${DEFAULT-VALUE}.")
    private String url = "http://127.0.0.1:8081/readyz";

    @Mixin
    private OutputFormat format = new OutputFormat();

    HealthCommand(PrintWriter out) {
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        URI page = page();
        JsonPages.Answer answer;
        try {
            answer = new JsonPages(PATIENCE).get(page, "");
        } catch (IOException e) {
            throw new AdministrationException(page + " does not answer as a gateway does; does one run there?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AdministrationException("interrupted while waiting for an answer; try again", e);
        }
        StringBuilder words = new StringBuilder();
        answer.body()
                .properties()
                .forEach(one -> words.append(words.length() == 0 ? "" : ", ")
                        .append(one.getKey())
                        .append(' ')
                        .append(one.getValue().asText()));
        if (format.forPeople()) {
            out.println(words.toString().replaceAll("\\p{Cntrl}", "?"));
        } else {
            out.println(answer.body());
        }
        return answer.status() == 200 ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private URI page() {
        try {
            URI page = URI.create(url.strip());
            if (page.getHost() != null && String.valueOf(page.getScheme()).matches("https?")) {
                return page;
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the one message for everything that is no such URL.
        }
        throw new ConfigurationException(
                "--url: " + url + " (expected: an http or https URL such as http://127.0.0.1:8081/readyz)");
    }
}
