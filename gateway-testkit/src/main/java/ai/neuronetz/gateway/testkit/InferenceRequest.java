package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * What the mock understands of an inference request, reading it as Ollama does.
 *
 * @param cap the most tokens to generate; {@link Long#MAX_VALUE} if the request sets none, or one that Ollama takes for none
 * @param promptTokens one for four bytes of text, rounded up, and eight for each message
 */
record InferenceRequest(
        Route route,
        ReceivedRequest received,
        ObjectNode body,
        String model,
        boolean stream,
        long cap,
        long promptTokens,
        boolean includeUsage) {
    private static final Set<String> NOT_TEXT =
            Set.of("role", "type", "id", "images", "image_url", "source", "input_audio");

    /** Ollama's text for a request it answers with 400. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message);
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }

    static InferenceRequest parse(Route route, ReceivedRequest received) throws Malformed {
        ObjectNode body = object(received.body());
        String model = Json.field(body, "model").asText("");
        if (model.isEmpty()) {
            throw new Malformed("model is required");
        }
        JsonNode stream = Json.field(body, "stream");
        JsonNode options = Json.field(body, "stream_options");
        return new InferenceRequest(
                route,
                received,
                body,
                model,
                !route.embeds() && stream.asBoolean(route.streamDefault),
                cap(route, body),
                promptTokens(route, body),
                Json.field(options, "include_usage").asBoolean(false));
    }

    static ObjectNode object(String body) throws Malformed {
        if (body.isEmpty()) {
            throw new Malformed("missing request body");
        }
        try {
            if (Json.parse(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new Malformed("invalid character in request body: " + e.getOriginalMessage());
        }
        throw new Malformed("json: cannot unmarshal value into Go value of type api.Request");
    }

    /** An empty prompt only loads the model, or unloads it. */
    boolean loadsOnly() {
        return switch (route) {
            case GENERATE -> Json.field(body, "prompt").asText("").isEmpty();
            case CHAT -> Json.field(body, "messages").isEmpty();
            default -> false;
        };
    }

    boolean unloads() {
        return Json.field(body, "keep_alive").asText("").matches("0[smh]?");
    }

    List<JsonNode> inputs() {
        JsonNode input = Json.field(body, route == Route.EMBEDDINGS ? "prompt" : "input");
        return input.isArray() ? children(input) : List.of(input);
    }

    private static List<JsonNode> children(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static long cap(Route route, ObjectNode body) {
        JsonNode cap = switch (route) {
            case GENERATE, CHAT -> Json.field(Json.field(body, "options"), "num_predict");
            case RESPONSES -> Json.field(body, "max_output_tokens");
            default -> Json.field(body, "max_tokens");
        };
        return cap.asLong(0) > 0 ? cap.asLong() : Long.MAX_VALUE;
    }

    private static long promptTokens(Route route, ObjectNode body) {
        long messages = 0;
        long bytes = 0;
        for (String name : List.of("prompt", "system", "suffix", "instructions", "input", "messages")) {
            JsonNode value = Json.field(body, name);
            bytes += textBytes(value);
            boolean list = value.isArray() && !name.equals("system") && !name.equals("prompt");
            messages +=
                    list ? value.size() : value.isEmpty() && value.asText("").isEmpty() ? 0 : 1;
        }
        JsonNode tools = Json.field(body, "tools");
        bytes += tools.isArray() && !tools.isEmpty() ? tools.toString().getBytes(StandardCharsets.UTF_8).length : 0;
        return tokens(bytes) + (route.embeds() ? 0 : 8 * messages);
    }

    static long tokens(long bytes) {
        return (bytes + 3) / 4;
    }

    private static long textBytes(JsonNode node) {
        if (node.isTextual()) {
            return node.asText().getBytes(StandardCharsets.UTF_8).length;
        }
        long bytes = 0;
        if (node.isArray()) {
            for (JsonNode element : node) {
                bytes += textBytes(element);
            }
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            bytes += NOT_TEXT.contains(field.getKey()) ? 0 : textBytes(field.getValue());
        }
        return bytes;
    }
}
