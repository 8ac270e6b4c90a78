package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.Generation.State;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;

/** Reads, records and answers every request that reaches the mock. */
final class MockHandler extends Handler.Abstract.NonBlocking {
    private static final String NATIVE_JSON = "application/json; charset=utf-8";

    private final MockModels models;
    private final MockRecord mockRecord;
    private final WireMockBridge wireMock;
    private final Pacer pacer;
    private final Supplier<Script> script;

    MockHandler(
            MockModels models, MockRecord mockRecord, WireMockBridge wireMock, Pacer pacer, Supplier<Script> script) {
        this.models = models;
        this.mockRecord = mockRecord;
        this.wireMock = wireMock;
        this.pacer = pacer;
        this.script = script;
    }

    /** One request and where its answer goes. */
    private record Hop(Request request, Response response, Callback callback, ReceivedRequest received) {
        void send(int status, String type, String body) {
            response.setStatus(status);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
            boolean head = received.method().equals("HEAD");
            response.write(true, ByteBuffer.wrap(head ? new byte[0] : bytes), callback);
        }

        void json(int status, ObjectNode body) {
            send(status, NATIVE_JSON, Json.write(body));
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        // Of the ways to read a body the one that Jetty 12.0, which Spring Boot 3 brings, has too.
        Content.Source.asByteBuffer(request, new Promise<>() {
            @Override
            public void succeeded(ByteBuffer body) {
                try {
                    complete(request, response, callback, BufferUtil.toArray(body));
                } catch (RuntimeException e) {
                    callback.failed(e);
                }
            }

            @Override
            public void failed(Throwable failure) {
                callback.failed(failure);
            }
        });
        return true;
    }

    private void complete(Request request, Response response, Callback callback, byte[] body) {
        ReceivedRequest received = mockRecord.add(
                request.getMethod(),
                request.getHttpURI().getPathQuery(),
                headers(request),
                new String(body, StandardCharsets.UTF_8));
        Hop hop = new Hop(request, response, callback, received);
        wireMock.answer(received, request, response, callback, () -> route(hop));
    }

    private static Map<String, List<String>> headers(Request request) {
        return request.getHeaders().stream()
                .collect(Collectors.groupingBy(
                        field -> field.getName().toLowerCase(Locale.ROOT),
                        TreeMap::new,
                        Collectors.mapping(field -> String.valueOf(field.getValue()), Collectors.toList())));
    }

    private void route(Hop hop) {
        String method = hop.received().method();
        String path = hop.received().path();
        boolean reads = method.equals("GET") || method.equals("HEAD");
        Route inference = Route.of(path).orElse(null);
        if (inference != null && method.equals("POST")) {
            infer(hop, inference);
        } else if (path.equals("/api/show") && method.equals("POST")) {
            show(hop);
        } else if (reads && path.equals("/")) {
            hop.send(200, "text/plain; charset=utf-8", "Ollama is running");
        } else if (reads && path.equals("/api/version")) {
            hop.json(200, Json.object().put("version", "0.34.0"));
        } else if (reads && (path.equals("/api/tags") || path.startsWith("/v1/models"))) {
            discovery(hop, path);
        } else if (reads && path.equals("/api/ps")) {
            hop.json(200, Json.object().set("models", Json.array()));
        } else if (path.startsWith("/api/") && !reads) {
            // Pull, push, create, delete and whatever else: it gets through here so that a test sees that it got
            // through.
            hop.json(200, Json.object().put("status", "success"));
        } else {
            hop.send(404, "text/plain", "404 page not found");
        }
    }

    private void discovery(Hop hop, String path) {
        String prefix = "/v1/models/";
        if (script.get().unavailable) {
            hop.json(503, Json.object().put("error", "unavailable"));
        } else if (path.equals("/api/tags")) {
            hop.json(200, models.tags());
        } else if (path.equals("/v1/models")) {
            hop.send(200, "application/json", Json.write(models.openAiList()));
        } else {
            String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
            boolean known = models.digest(name).isPresent();
            ObjectNode body =
                    known ? MockModels.openAiModel(name) : OpenAiErrors.error(404, "model '" + name + "' not found");
            hop.send(known ? 200 : 404, "application/json", Json.write(body));
        }
    }

    private void show(Hop hop) {
        try {
            ObjectNode body = InferenceRequest.object(hop.received().body());
            String name =
                    Json.field(body, "model").asText(Json.field(body, "name").asText(""));
            if (models.digest(name).isPresent()) {
                hop.json(200, MockModels.show(name));
            } else {
                hop.json(404, Json.object().put("error", "model '" + name + "' not found"));
            }
        } catch (InferenceRequest.Malformed e) {
            hop.json(400, Json.object().put("error", e.text()));
        }
    }

    private void infer(Hop hop, Route route) {
        InferenceRequest request;
        try {
            request = InferenceRequest.parse(route, hop.received());
        } catch (InferenceRequest.Malformed e) {
            refuse(hop, route, 400, e.text());
            return;
        }
        if (models.digest(request.model()).isEmpty()) {
            String text = route.embeds()
                    ? "model \"" + request.model() + "\" not found, try pulling it first"
                    : "model '" + request.model() + "' not found";
            refuse(hop, route, 404, text);
            return;
        }
        generate(hop, Answer.of(request, script.get()));
    }

    private static void refuse(Hop hop, Route route, int status, String text) {
        hop.send(status, route.dialect.wholeType(), Json.write(route.dialect.error(status, text)));
    }

    private void generate(Hop hop, Answer answer) {
        InferenceRequest request = answer.request();
        LiveGeneration generation = mockRecord.open(hop.received(), request.model(), request.promptTokens());
        try {
            if (request.stream() && !request.loadsOnly() && answer.script().refusal == null) {
                hop.response()
                        .getHeaders()
                        .put(HttpHeader.CONTENT_TYPE, request.route().dialect.streamType());
                if (request.route() == Route.MESSAGES) {
                    hop.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
                }
                Dialect dialect = request.route().dialect;
                List<Frame> frames = dialect.frames(answer);
                new AnswerStream(
                                hop.request(),
                                hop.response(),
                                hop.callback(),
                                pacer,
                                generation,
                                answer.script(),
                                dialect,
                                frames)
                        .iterate();
            } else {
                new WholeAnswer(hop.request(), hop.response(), hop.callback(), generation, answer).start(pacer);
            }
        } catch (RuntimeException e) {
            generation.end(State.FAILED);
            throw e;
        }
    }
}
