package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.MockOllama.ReceivedRequest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/** The mock's routes. Evented: no request holds a thread while it waits. */
final class MockHandler extends Handler.Abstract.NonBlocking {

    private static final String JSON_TYPE = "application/json; charset=utf-8";
    private static final int NO_STUB = 404;

    /** Accepted like a real Ollama would, so that a request that should never have come is seen. */
    private static final Set<String> MUTATING =
            Set.of("/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete");

    private final MockOllama mock;
    private final HttpClient stubs = HttpClient.newHttpClient();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2, work -> {
        Thread thread = new Thread(work, "mock-ollama-clock");
        thread.setDaemon(true);
        return thread;
    });

    MockHandler(MockOllama mock) {
        this.mock = mock;
    }

    void close() {
        clock.shutdownNow();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Content.Source.asByteBuffer(
                request,
                Promise.from(
                        body -> {
                            String text = StandardCharsets.UTF_8.decode(body).toString();
                            try {
                                answer(request, text, response, callback);
                            } catch (RuntimeException e) {
                                callback.failed(e);
                            }
                        },
                        callback::failed));
        return true;
    }

    private void answer(Request request, String body, Response response, Callback callback) {
        Map<String, String> headers = new TreeMap<>();
        for (HttpField field : request.getHeaders()) {
            headers.merge(field.getLowerCaseName(), String.valueOf(field.getValue()), (a, b) -> a + ", " + b);
        }
        ReceivedRequest received = new ReceivedRequest(
                request.getMethod(), request.getHttpURI().getPathQuery(), headers, body, Instant.now());
        mock.received(received);
        MockScript script = mock.script();
        URI stubbed = mock.stubs();
        if (script.unavailable()) {
            send(response, callback, 503, "{\"error\":\"unavailable\"}");
        } else if (stubbed == null || !answeredByStub(stubbed, received, response, callback)) {
            route(request, received, script, response, callback);
        }
    }

    private void route(
            Request request, ReceivedRequest received, MockScript script, Response response, Callback callback) {
        String path = request.getHttpURI().getPath();
        MockFormat format = MockFormat.of(path);
        if (format != null && received.method().equals("POST")) {
            infer(request, format, received.body(), script, response, callback);
            return;
        }
        switch (path) {
            case "/" -> {
                response.getHeaders().put("Content-Type", "text/plain; charset=utf-8");
                Content.Sink.write(response, true, "Ollama is running", callback);
            }
            case "/api/version" -> send(response, callback, 200, "{\"version\":\"0.33.0\"}");
            case "/api/tags" -> send(response, callback, 200, MockFormat.tags(script));
            case "/v1/models" -> send(response, callback, 200, MockListings.models(script));
            case "/api/show" -> withModel(received.body(), script, response, callback, MockListings.SHOW);
            case "/api/embed" -> withModel(received.body(), script, response, callback, MockListings.EMBED);
            case "/api/embeddings" -> withModel(received.body(), script, response, callback, MockListings.EMBEDDINGS);
            case "/v1/embeddings" -> withModel(received.body(), script, response, callback, MockListings.V1_EMBEDDINGS);
            default -> {
                boolean mutating = MUTATING.contains(path) || path.startsWith("/api/blobs/");
                send(
                        response,
                        callback,
                        mutating ? 200 : 404,
                        mutating ? "{\"status\":\"success\"}" : "{\"error\":\"not found\"}");
            }
        }
    }

    private static void withModel(
            String body, MockScript script, Response response, Callback callback, MockListings.ForModel answer) {
        JsonNode json = parse(body);
        String model = json == null ? "" : json.path("model").asText();
        if (json == null) {
            send(response, callback, 400, "{\"error\":\"invalid JSON\"}");
        } else if (!script.models().containsKey(model)) {
            send(response, callback, 404, "{\"error\":\"model '" + model + "' not found\"}");
        } else {
            send(response, callback, 200, answer.of(model, json));
        }
    }

    private void infer(
            Request request, MockFormat format, String body, MockScript script, Response response, Callback callback) {
        JsonNode json = parse(body);
        if (json == null) {
            send(response, callback, 400, format.error("invalid character in body"));
            return;
        }
        String model = json.path("model").asText();
        MockScript.Fault fault = script.fault();
        if (fault != null && fault.kind() == MockScript.Kind.STATUS) {
            send(response, callback, fault.status(), format.error(fault.text()));
        } else if (!script.models().containsKey(model)) {
            send(response, callback, 404, format.error("model '" + model + "' not found"));
        } else {
            MockGeneration generation =
                    new MockGeneration(request, response, callback, format, json, model, script, clock);
            mock.generating(generation);
            generation.start();
        }
    }

    private boolean answeredByStub(URI stubbed, ReceivedRequest received, Response response, Callback callback) {
        HttpRequest.Builder copy = HttpRequest.newBuilder(stubbed.resolve(received.target()))
                .method(received.method(), HttpRequest.BodyPublishers.ofString(received.body()));
        String type = received.headers().get("content-type");
        if (type != null) {
            copy.header("Content-Type", type);
        }
        try {
            HttpResponse<byte[]> answer = stubs.send(copy.build(), HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() == NO_STUB) {
                return false;
            }
            response.setStatus(answer.statusCode());
            answer.headers().map().forEach((name, values) -> {
                if (!name.equals("transfer-encoding") && !name.equals("content-length") && !name.startsWith(":")) {
                    response.getHeaders().put(name, values);
                }
            });
            response.write(true, ByteBuffer.wrap(answer.body()), callback);
            return true;
        } catch (IOException e) {
            callback.failed(e);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            callback.failed(e);
            return true;
        }
    }

    static void send(Response response, Callback callback, int status, String json) {
        response.setStatus(status);
        response.getHeaders().put("Content-Type", JSON_TYPE);
        Content.Sink.write(response, true, json, callback);
    }

    private static @Nullable JsonNode parse(String body) {
        try {
            JsonNode json = MockFormat.JSON.readTree(body);
            return json.isObject() ? json : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
