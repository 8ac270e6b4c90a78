package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a gateway, again as long as one that was just started says 503. */
final class ChatClient {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String gateway;

    /** @param gateway its base URL, without a slash at the end */
    ChatClient(String gateway) {
        this.gateway = gateway;
    }

    /** The answer, which has to be one of a model. */
    HttpResponse<String> chat(String key, String model) {
        HttpResponse<String> answer = sendUntilServed(HttpRequest.newBuilder(URI.create(gateway + "/api/chat"))
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model
                        + "\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"))
                .build());
        assertThat(answer.body()).contains("\"done\":true");
        return answer;
    }

    /** The body of the answer to GET. */
    String get(String path) {
        return sendUntilServed(
                        HttpRequest.newBuilder(URI.create(gateway + path)).build())
                .body();
    }

    private HttpResponse<String> sendUntilServed(HttpRequest request) {
        HttpResponse<String> answer = await().atMost(PATIENCE)
                .until(() -> http.send(request, HttpResponse.BodyHandlers.ofString()), got -> got.statusCode() != 503);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }
}
