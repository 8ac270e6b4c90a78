package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** JSON and SSE of /v1/messages. */
final class AnthropicDialect implements Dialect {
    @Override
    public String streamType() {
        return "text/event-stream";
    }

    @Override
    public List<Frame> frames(Answer answer) {
        List<Frame> frames = new ArrayList<>();
        frames.add(Frame.event(0, true, "message_start", () -> start(answer)));
        int block = -1;
        Answer.@Nullable Kind open = null;
        for (Answer.Piece piece : answer.pieces()) {
            if (piece.kind() != open || piece.kind() == Answer.Kind.TOOL) {
                if (open != null) {
                    frames.add(stop(block));
                }
                block++;
                open = piece.kind();
                frames.add(begin(answer, piece, block));
            }
            frames.add(delta(piece, block, frames.size() > 2));
        }
        if (open != null) {
            frames.add(stop(block));
        }
        frames.add(Frame.event(0, true, "message_delta", () -> end(answer)));
        frames.add(Frame.event(0, false, "message_stop", () -> typed("message_stop")));
        return frames;
    }

    @Override
    public ObjectNode whole(Answer answer) {
        ObjectNode whole = head(answer);
        ArrayNode content = whole.putArray("content");
        if (!answer.text(Answer.Kind.THINKING).isEmpty()) {
            content.add(typed("thinking").put("thinking", answer.text(Answer.Kind.THINKING)));
        }
        if (!answer.text(Answer.Kind.TEXT).isEmpty()) {
            content.add(typed("text").put("text", answer.text(Answer.Kind.TEXT)));
        }
        for (int i = 0; i < answer.calls().size(); i++) {
            content.add(toolUse(answer, answer.calls().get(i), i, true));
        }
        return whole.put("stop_reason", reason(answer)).set("usage", usage(answer));
    }

    @Override
    public ObjectNode error(int status, String message) {
        String type = switch (status) {
            case 400 -> "invalid_request_error";
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 429 -> "rate_limit_error";
            case 503, 529 -> "overloaded_error";
            default -> "api_error";
        };
        ObjectNode error = typed("error");
        error.putObject("error").put("type", type).put("message", message);
        return error.put("request_id", "req_0123456789abcdef01234567");
    }

    @Override
    public Optional<String> brokenOff(String message) {
        return Optional.empty();
    }

    /** Its input count is Ollama's estimate from the text's length, not what the model counted. */
    private static ObjectNode start(Answer answer) {
        ObjectNode start = typed("message_start");
        ObjectNode message = head(answer);
        message.putArray("content");
        message.putObject("usage")
                .put("input_tokens", answer.request().received().body().length() / 4)
                .put("output_tokens", 0);
        start.set("message", message);
        return start;
    }

    private static Frame begin(Answer answer, Answer.Piece piece, int block) {
        return Frame.event(0, false, "content_block_start", () -> {
            ObjectNode content = switch (piece.kind()) {
                case TEXT -> typed("text").put("text", "");
                case THINKING -> typed("thinking").put("thinking", "");
                case TOOL -> toolUse(answer, piece.call(), block, false);
            };
            return typed("content_block_start").put("index", block).set("content_block", content);
        });
    }

    private static Frame delta(Answer.Piece piece, int block, boolean paced) {
        return Frame.event(piece.tokens(), paced, "content_block_delta", () -> {
            ObjectNode delta = switch (piece.kind()) {
                case TEXT -> typed("text_delta").put("text", piece.text());
                case THINKING -> typed("thinking_delta").put("thinking", piece.text());
                case TOOL ->
                    typed("input_json_delta").put("partial_json", piece.call().argumentsJson());
            };
            return typed("content_block_delta").put("index", block).set("delta", delta);
        });
    }

    private static Frame stop(int block) {
        return Frame.event(
                0,
                false,
                "content_block_stop",
                () -> typed("content_block_stop").put("index", block));
    }

    private static ObjectNode end(Answer answer) {
        ObjectNode end = typed("message_delta");
        end.putObject("delta").put("stop_reason", reason(answer));
        return end.set("usage", usage(answer));
    }

    private static ObjectNode usage(Answer answer) {
        return Json.object().put("input_tokens", answer.inputTokens()).put("output_tokens", answer.outputTokens());
    }

    private static String reason(Answer answer) {
        return answer.truncated() ? "max_tokens" : answer.calls().isEmpty() ? "end_turn" : "tool_use";
    }

    private static ObjectNode head(Answer answer) {
        return Json.object()
                .put(
                        "id",
                        String.format("msg_%024x", answer.request().received().sequence()))
                .put("type", "message")
                .put("role", "assistant")
                .put("model", answer.model());
    }

    private static ObjectNode toolUse(Answer answer, Script.ToolCall call, int index, boolean withInput) {
        ObjectNode use = typed("tool_use").put("id", "call_" + answer.id(index)).put("name", call.name());
        try {
            return use.set("input", withInput ? Json.parse(call.argumentsJson()) : Json.object());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("scripted arguments are no JSON: " + call.argumentsJson(), e);
        }
    }

    private static ObjectNode typed(String type) {
        return Json.object().put("type", type);
    }
}
