package ai.neuronetz.gateway.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a server for a page of JSON, for commands. */
final class JsonPages {

    private static final int MAX_BYTES = 8 << 20;

    private final HttpClient client;
    private final Duration patience;

    JsonPages(Duration patience) {
        this.patience = patience;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(patience)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * What it answers to GET.
     *
     * @param path empty for the server's URL as it is
     *
     * @throws IOException if it does not answer in time, or not with JSON
     */
    Answer get(URI server, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(path.isEmpty() ? server : server.resolve(path))
                .timeout(patience)
                .build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            return new Answer(response.statusCode(), new ObjectMapper().readTree(body.readNBytes(MAX_BYTES)));
        }
    }

    record Answer(int status, JsonNode body) {}
}
