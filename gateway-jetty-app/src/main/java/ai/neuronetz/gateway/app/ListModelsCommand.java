package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.AdministrationException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code list-models}: what Ollama has installed, under the names that {@code set-models --allow} takes. */
@Command(
        name = "list-models",
        description = "List what Ollama has installed, asking it directly.",
        footer = {"", "Example:", "  list-models --ollama-url http://127.0.0.1:11434"})
final class ListModelsCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Settings settings;
    private final PrintWriter out;

    @Mixin
    private OutputFormat format = new OutputFormat();

    ListModelsCommand(Settings settings, PrintWriter out) {
        this.settings = requireNonNull(settings, "settings");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        var report = Report.of("model", "size_bytes", "digest", "modified_at");
        for (JsonNode model : installed(settings.ollamaUrl()).path("models")) {
            report.row(
                    model.path("name").asText(),
                    model.path("size").asLong(),
                    model.path("digest").asText(),
                    model.path("modified_at").asText());
        }
        format.printList(report, out);
        return ExitCode.OK;
    }

    private static JsonNode installed(URI ollamaUrl) {
        try {
            JsonPages.Answer answer = new JsonPages(PATIENCE).get(ollamaUrl, "/api/tags");
            if (answer.status() != 200) {
                throw new AdministrationException(
                        "OLLAMA_URL answered /api/tags with status " + answer.status() + "; is it an Ollama?");
            }
            if (!answer.body().path("models").isArray()) {
                throw new AdministrationException("OLLAMA_URL answered /api/tags without models; is it an Ollama?");
            }
            return answer.body();
        } catch (IOException e) {
            throw new AdministrationException(
                    "Ollama cannot be reached or read at OLLAMA_URL; is it running, and the address right?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AdministrationException("interrupted while waiting for Ollama; try again", e);
        }
    }
}
