package ai.neuronetz.gateway.testkit.conformance;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The gateway under test and what is known of it. */
final class Target {

    private final HttpClient http;
    private final Options options;
    private final String model;

    private Target(HttpClient http, Options options, String model) {
        this.http = http;
        this.options = options;
        this.model = model;
    }

    /**
     * Asks which models the key may use, if none was named.
     *
     * @throws UncheckedIOException if there is nothing that answers
     * @throws IllegalArgumentException if the key is none
     */
    static Target connect(Options options) {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(options.timeout())
                .build();
        Target target = new Target(http, options, options.model());
        Reply tags = target.get("/api/tags").send();
        if (tags.status() == 401 || tags.barred()) {
            throw new IllegalArgumentException("the gateway does not accept the key: " + tags);
        }
        if (tags.status() == 404) {
            throw new IllegalArgumentException("there is no gateway at " + options.url());
        }
        String first = tags.json().path("models").path(0).path("name").asText();
        return new Target(http, options, options.model().isEmpty() ? first : options.model());
    }

    Options options() {
        return options;
    }

    /** One that the key may use; empty if there is none. */
    String model() {
        return model;
    }

    /** Asked with the key, unless it is told otherwise. */
    Ask get(String path) {
        return new Ask("GET", path, BodyPublishers.noBody());
    }

    Ask method(String method, String path) {
        return new Ask(method, path, BodyPublishers.noBody());
    }

    Ask post(String path, String body) {
        return new Ask("POST", path, BodyPublishers.ofString(body));
    }

    /** Without a declared length, so that it is sent in chunks. */
    Ask postChunked(String path, byte[] body) {
        return new Ask("POST", path, BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body)));
    }

    /** A short chat in the shape that all dialects share. */
    ObjectNode chat(String of) {
        ObjectNode chat = JsonNodeFactory.instance.objectNode().put("model", of).put("max_tokens", 32);
        chat.putArray("messages").addObject().put("role", "user").put("content", "Count from one to five.");
        return chat;
    }

    /** The target of a path, as it stands in a request. */
    String target(String path) {
        return options.url().getRawPath() + path;
    }

    RawReply raw(String message) {
        return RawReply.to(options.url(), message);
    }

    /** A request in the making. */
    final class Ask {

        private final HttpRequest.Builder request;
        private @Nullable String key = options.keys().main();

        private Ask(String method, String path, BodyPublisher body) {
            this.request = HttpRequest.newBuilder(URI.create(options.url() + path))
                    .timeout(options.timeout())
                    .header("Content-Type", "application/json")
                    .method(method, body);
        }

        Ask key(@Nullable String other) {
            this.key = other;
            return this;
        }

        Ask header(String name, String value) {
            request.header(name, value);
            return this;
        }

        Reply send() {
            try {
                return reply(http.send(build(), HttpResponse.BodyHandlers.ofString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }

        CompletableFuture<Reply> sendAsync() {
            return http.sendAsync(build(), HttpResponse.BodyHandlers.ofString()).thenApply(this::reply);
        }

        private HttpRequest build() {
            return key == null
                    ? request.build()
                    : request.copy().header("Authorization", "Bearer " + key).build();
        }

        private Reply reply(HttpResponse<String> response) {
            return new Reply(response.statusCode(), response.headers(), response.body());
        }
    }
}
