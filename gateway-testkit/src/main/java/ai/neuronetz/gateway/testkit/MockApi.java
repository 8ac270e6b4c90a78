package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.BiFunction;

/** What the mock says to a request, whoever carries it there and back. Thread-safe. */
final class MockApi {
    private static final String NATIVE_JSON = "application/json; charset=utf-8";

    private final MockModels models;
    private final BiFunction<ReceivedRequest, String, Script> scripts;
    private volatile boolean unavailable;

    /** @param scripts the script for a request and the model it names */
    MockApi(MockModels models, BiFunction<ReceivedRequest, String, Script> scripts) {
        this.models = models;
        this.scripts = scripts;
    }

    sealed interface Reply {
        /** Sent as it is. */
        record Fixed(int status, String type, String body) implements Reply {}

        /** Generated, and sent as its script says. */
        record Generated(Answer answer) implements Reply {}
    }

    void unavailable(boolean now) {
        unavailable = now;
    }

    Reply reply(ReceivedRequest request) {
        String method = request.method();
        String path = request.path();
        boolean reads = method.equals("GET") || method.equals("HEAD");
        Route inference = Route.of(path).orElse(null);
        if (inference != null && method.equals("POST")) {
            return infer(request, inference);
        } else if (path.equals("/api/show") && method.equals("POST")) {
            return show(request);
        } else if (reads && path.equals("/")) {
            return new Reply.Fixed(200, "text/plain; charset=utf-8", "Ollama is running");
        } else if (reads && path.equals("/api/version")) {
            return json(200, Json.object().put("version", "0.34.0"));
        } else if (reads && (path.equals("/api/tags") || path.startsWith("/v1/models"))) {
            return discovery(path);
        } else if (reads && path.equals("/api/ps")) {
            return json(200, Json.object().set("models", Json.array()));
        } else if (path.startsWith("/api/") && !reads) {
            // Pull, push, create, delete and whatever else: it gets through here so that a test sees that it got
            // through.
            return json(200, Json.object().put("status", "success"));
        }
        return new Reply.Fixed(404, "text/plain", "404 page not found");
    }

    private Reply discovery(String path) {
        String prefix = "/v1/models/";
        if (unavailable) {
            return json(503, Json.object().put("error", "unavailable"));
        } else if (path.equals("/api/tags")) {
            return json(200, models.tags());
        } else if (path.equals("/v1/models")) {
            return new Reply.Fixed(200, "application/json", Json.write(models.openAiList()));
        }
        String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
        boolean known = models.find(name).isPresent();
        ObjectNode body =
                known ? MockModels.openAiModel(name) : OpenAiErrors.error(404, "model '" + name + "' not found");
        return new Reply.Fixed(known ? 200 : 404, "application/json", Json.write(body));
    }

    private Reply show(ReceivedRequest request) {
        try {
            ObjectNode body = InferenceRequest.object(request.body());
            String name =
                    Json.field(body, "model").asText(Json.field(body, "name").asText(""));
            return models.find(name)
                    .map(model -> json(200, MockModels.show(model)))
                    .orElseGet(() -> json(404, Json.object().put("error", "model '" + name + "' not found")));
        } catch (InferenceRequest.Malformed e) {
            return json(400, Json.object().put("error", e.text()));
        }
    }

    private Reply infer(ReceivedRequest received, Route route) {
        InferenceRequest request;
        try {
            request = InferenceRequest.parse(route, received);
        } catch (InferenceRequest.Malformed e) {
            return refusal(route, 400, e.text());
        }
        if (models.find(request.model()).isEmpty()) {
            String text = route.embeds()
                    ? "model \"" + request.model() + "\" not found, try pulling it first"
                    : "model '" + request.model() + "' not found";
            return refusal(route, 404, text);
        }
        return new Reply.Generated(Answer.of(request, scripts.apply(received, request.model())));
    }

    private static Reply refusal(Route route, int status, String text) {
        return new Reply.Fixed(status, route.dialect.wholeType(), Json.write(route.dialect.error(status, text)));
    }

    private static Reply json(int status, ObjectNode body) {
        return new Reply.Fixed(status, NATIVE_JSON, Json.write(body));
    }
}
