package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How a dialect says that something went wrong. */
public enum ErrorShape {
    /** {@code {"error": "…", "code": "…", "request_id": "…"}}; clients read {@code error}. */
    OLLAMA {
        @Override
        ObjectNode json(Reason reason, @Nullable String field, String requestId) {
            ObjectNode body = StrictJson.MAPPER.createObjectNode();
            body.put("error", text(reason, field));
            body.put("code", reason.code());
            return body.put("request_id", requestId);
        }

        @Override
        public String frame(Reason reason, String requestId) {
            return body(reason, null, requestId) + "\n";
        }
    },

    /** Source: the OpenAI API reference, "Error codes". */
    OPENAI {
        @Override
        ObjectNode json(Reason reason, @Nullable String field, String requestId) {
            ObjectNode body = StrictJson.MAPPER.createObjectNode();
            ObjectNode error = body.putObject("error");
            error.put("message", text(reason, field));
            error.put(
                    "type",
                    switch (reason.status()) {
                        case 401 -> "authentication_error";
                        case 402 -> "insufficient_quota";
                        case 403 -> "permission_error";
                        case 404 -> "not_found_error";
                        case 429 -> "rate_limit_error";
                        case 500, 502, 503, 504 -> "server_error";
                        default -> "invalid_request_error";
                    });
            error.put("param", field);
            error.put("code", reason.code());
            return body;
        }

        @Override
        public String frame(Reason reason, String requestId) {
            return "data: " + body(reason, null, requestId) + "\n\n";
        }
    },

    /** Source: the Anthropic API reference, "Errors". */
    ANTHROPIC {
        @Override
        ObjectNode json(Reason reason, @Nullable String field, String requestId) {
            ObjectNode body = StrictJson.MAPPER.createObjectNode();
            body.put("type", "error");
            ObjectNode error = body.putObject("error");
            error.put(
                    "type",
                    switch (reason.status()) {
                        case 401 -> "authentication_error";
                        case 402 -> "billing_error";
                        case 403 -> "permission_error";
                        case 404 -> "not_found_error";
                        case 413 -> "request_too_large";
                        case 429 -> "rate_limit_error";
                        case 500, 502 -> "api_error";
                        case 503 -> "overloaded_error";
                        case 504 -> "timeout_error";
                        default -> "invalid_request_error";
                    });
            error.put("message", text(reason, field));
            return body.put("request_id", requestId);
        }

        @Override
        public String frame(Reason reason, String requestId) {
            return "event: error\ndata: " + body(reason, null, requestId) + "\n\n";
        }
    };

    public static ErrorShape of(Dialect dialect) {
        return switch (dialect) {
            case OLLAMA -> OLLAMA;
            case OPENAI -> OPENAI;
            case ANTHROPIC -> ANTHROPIC;
        };
    }

    /**
     * The body of an answer, as JSON.
     *
     * @param field a name from the gateway's own tables, or null
     */
    public String body(Reason reason, @Nullable String field, String requestId) {
        return new String(StrictJson.write(json(reason, field, requestId)), StandardCharsets.UTF_8);
    }

    /** The last frame of a stream that could not be completed. */
    public abstract String frame(Reason reason, String requestId);

    abstract ObjectNode json(Reason reason, @Nullable String field, String requestId);

    private static String text(Reason reason, @Nullable String field) {
        return field == null ? reason.text() : reason.text() + " Field: " + field + ".";
    }
}
