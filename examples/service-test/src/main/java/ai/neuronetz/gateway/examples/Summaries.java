package ai.neuronetz.gateway.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;

/** A service that lets a model summarize. Not about the gateway at all: it is what {@code SummariesTest} tests. */
final class Summaries {

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI models;
    private final String key;

    Summaries(URI models, String key) {
        this.models = models;
        this.key = key;
    }

    /** A summary, or empty while the model cannot be asked. A model that breaks is an exception. */
    Optional<String> of(String text) throws IOException, InterruptedException {
        String body = JSON.writeValueAsString(JSON.createObjectNode()
                .put("model", "llama3.2:3b")
                .set(
                        "messages",
                        JSON.createArrayNode()
                                .add(JSON.createObjectNode()
                                        .put("role", "user")
                                        .put("content", "Summarize: " + text))));
        HttpRequest request = HttpRequest.newBuilder(models.resolve("/v1/chat/completions"))
                .header("Authorization", "Bearer " + key)
                .POST(BodyPublishers.ofString(body))
                .build();

        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());

        return switch (answer.statusCode()) {
            case 200 -> Optional.of(content(JSON.readTree(answer.body())));
            case 402, 429, 503 -> Optional.empty();
            default -> throw new IOException("the model answered " + answer.statusCode());
        };
    }

    private static String content(JsonNode answer) {
        return answer.path("choices").path(0).path("message").path("content").asText();
    }
}
