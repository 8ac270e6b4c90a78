package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes a {@link Reason} in the shape that clients of each dialect parse. Thread-safe. */
@Internal
public final class DialectErrors {

    /** Not a node's own toString, which leaves its buffers in a host's threads. */
    private static final JsonMapper JSON = new JsonMapper(JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
            .build());

    private DialectErrors() {}

    /**
     * The body of an answer that is nothing but an error; its content type is JSON.
     *
     * @param field a name from the gateway's own tables, or null
     */
    public static byte[] body(Dialect dialect, Reason reason, @Nullable String field, String requestId) {
        return utf8(text(json(dialect, reason, field, requestId)));
    }

    /** The last frame of a stream that cannot be completed. */
    public static byte[] frame(Endpoint endpoint, Reason reason, String requestId) {
        ObjectNode json = json(endpoint.dialect(), reason, null, requestId);
        return utf8(
                switch (endpoint.dialect()) {
                    case OLLAMA -> text(json) + "\n";
                    case OPENAI ->
                        endpoint == Endpoint.RESPONSES
                                ? event(asResponseEvent(json, reason))
                                : "data: " + text(json) + "\n\n";
                    case ANTHROPIC -> event(json);
                });
    }

    /**
     * OpenAI's own clients throw at a member {@code error} of any event, and hand on the documented form like any event; other
     * clients know the documented form only. This is both.
     */
    private static ObjectNode asResponseEvent(ObjectNode json, Reason reason) {
        return json.put("type", "error")
                .put("code", reason.code())
                .put("message", reason.text())
                .putNull("param");
    }

    private static String event(ObjectNode json) {
        return "event: error\ndata: " + text(json) + "\n\n";
    }

    private static ObjectNode json(Dialect dialect, Reason reason, @Nullable String field, String requestId) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        switch (dialect) {
            case OLLAMA -> {
                root.put("error", reason.text()).put("code", reason.code());
                if (field != null) {
                    root.put("field", field);
                }
                root.put("request_id", requestId);
            }
            case OPENAI ->
                root.putObject("error")
                        .put("message", reason.text())
                        .put("type", openAiType(reason.status()))
                        .put("param", field)
                        .put("code", reason.code());
            case ANTHROPIC -> {
                root.put("type", "error");
                root.putObject("error")
                        .put("type", anthropicType(reason.status()))
                        .put("message", reason.text());
                root.put("request_id", requestId);
            }
        }
        return root;
    }

    private static String openAiType(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 402 -> "insufficient_quota";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 429 -> "rate_limit_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }

    private static String anthropicType(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status >= 500 ? "api_error" : "invalid_request_error";
        };
    }

    private static String text(ObjectNode json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an error could not be written", e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
