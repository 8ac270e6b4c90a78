package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.AdministrationException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
    private static final int MAX_BYTES = 8 << 20;

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
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        HttpRequest request = HttpRequest.newBuilder(ollamaUrl.resolve("/api/tags"))
                .timeout(PATIENCE)
                .build();
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new AdministrationException("OLLAMA_URL answered /api/tags with status "
                            + response.statusCode() + "; is it an Ollama?");
                }
                byte[] bytes = body.readNBytes(MAX_BYTES);
                JsonNode answer = new ObjectMapper().readTree(bytes);
                if (!answer.path("models").isArray()) {
                    throw new AdministrationException("OLLAMA_URL answered /api/tags without models; is it an Ollama?");
                }
                return answer;
            }
        } catch (IOException e) {
            throw new AdministrationException(
                    "Ollama cannot be reached or read at OLLAMA_URL; is it running, and the address right?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AdministrationException("interrupted while waiting for Ollama; try again", e);
        }
    }
}
