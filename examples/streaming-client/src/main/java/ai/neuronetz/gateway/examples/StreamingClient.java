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
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Asks a model and hands out the answer's text while it comes. Thread-safe. */
public final class StreamingClient {

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI gateway;
    private final String key;

    StreamingClient(URI gateway, String key) {
        this.gateway = gateway;
        this.key = key;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        StreamingClient client =
                new StreamingClient(URI.create(System.getenv("GATEWAY_URL")), System.getenv("GATEWAY_KEY"));
        client.ask(args[0], args[1], text -> {
            System.out.print(text);
            System.out.flush();
        });
        System.out.println();
    }

    /**
     * Returns when the answer is complete.
     *
     * @throws RefusedException if the gateway did not forward the question; says when asking again makes sense
     * @throws IOException if the answer broke off: what was handed out before is not all of it
     */
    void ask(String model, String question, Consumer<String> text) throws IOException, InterruptedException {
        String body = JSON.writeValueAsString(JSON.createObjectNode()
                .put("model", model)
                .set(
                        "messages",
                        JSON.createArrayNode()
                                .add(JSON.createObjectNode().put("role", "user").put("content", question))));
        HttpRequest request = HttpRequest.newBuilder(gateway.resolve("/api/chat"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();

        HttpResponse<Stream<String>> answer = http.send(request, BodyHandlers.ofLines());
        try (Stream<String> lines = answer.body()) {
            Iterator<String> frames = lines.iterator();
            if (answer.statusCode() != 200) {
                throw refused(answer, JSON.readTree(frames.hasNext() ? frames.next() : "{}"));
            }
            while (frames.hasNext()) {
                JsonNode frame = JSON.readTree(frames.next());
                if (frame.has("error")) {
                    throw new IOException(
                            "the answer broke off: " + frame.path("code").asText());
                }
                text.accept(frame.path("message").path("content").asText());
                if (frame.path("done").asBoolean()) {
                    return;
                }
            }
        }
        throw new IOException("the answer broke off");
    }

    private static RefusedException refused(HttpResponse<?> answer, JsonNode error) {
        Duration retryAfter = answer.headers().firstValueAsLong("Retry-After").stream()
                .mapToObj(Duration::ofSeconds)
                .findFirst()
                .orElse(null);
        return new RefusedException(answer.statusCode(), error.path("code").asText(), retryAfter);
    }
}
