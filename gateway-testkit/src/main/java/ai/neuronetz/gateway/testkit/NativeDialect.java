package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** NDJSON of /api/chat and /api/generate. */
final class NativeDialect implements Dialect {
    private final boolean chat;

    NativeDialect(boolean chat) {
        this.chat = chat;
    }

    @Override
    public String streamType() {
        return "application/x-ndjson";
    }

    @Override
    public String wholeType() {
        return "application/json; charset=utf-8";
    }

    @Override
    public List<Frame> frames(Answer answer) {
        List<Frame> frames = new ArrayList<>();
        int call = 0;
        for (Answer.Piece piece : answer.pieces()) {
            int index = piece.kind() == Answer.Kind.TOOL ? call++ : 0;
            if (chat || piece.kind() != Answer.Kind.TOOL) {
                frames.add(Frame.line(piece.tokens(), () -> piece(answer, piece, index)));
            }
        }
        frames.add(Frame.line(0, () -> last(answer, "", "", List.of())));
        return frames;
    }

    @Override
    public ObjectNode whole(Answer answer) {
        if (answer.request().loadsOnly()) {
            ObjectNode loaded = content(answer, "", "", List.of());
            return loaded.put("done", true).put("done_reason", answer.request().unloads() ? "unload" : "load");
        }
        return last(answer, answer.text(Answer.Kind.TEXT), answer.text(Answer.Kind.THINKING), answer.calls());
    }

    @Override
    public ObjectNode error(int status, String message) {
        return Json.object().put("error", message);
    }

    @Override
    public Optional<String> brokenOff(String message) {
        return Optional.of(Json.write(error(200, message)) + "\n");
    }

    private ObjectNode piece(Answer answer, Answer.Piece piece, int callIndex) {
        ObjectNode frame = switch (piece.kind()) {
            case TEXT -> content(answer, piece.text(), "", List.of());
            case THINKING -> content(answer, "", piece.text(), List.of());
            case TOOL -> {
                ObjectNode tool = content(answer, "", "", List.of());
                calls((ObjectNode) tool.get("message"), answer, List.of(piece.call()), callIndex);
                yield tool;
            }
        };
        return frame.put("done", false);
    }

    private ObjectNode content(Answer answer, String text, String thinking, List<Script.ToolCall> calls) {
        ObjectNode frame = Json.object().put("model", answer.model());
        frame.put("created_at", Instant.now().toString());
        ObjectNode target = chat ? frame.putObject("message").put("role", "assistant") : frame;
        target.put(chat ? "content" : "response", text);
        if (!thinking.isEmpty()) {
            target.put("thinking", thinking);
        }
        if (chat && !calls.isEmpty()) {
            calls(target, answer, calls, 0);
        }
        return frame;
    }

    private static void calls(ObjectNode message, Answer answer, List<Script.ToolCall> calls, int firstIndex) {
        ArrayNode array = message.putArray("tool_calls");
        int index = firstIndex;
        for (Script.ToolCall call : calls) {
            ObjectNode function = array.addObject()
                    .put("id", "call_" + answer.id(index))
                    .putObject("function")
                    .put("index", index++)
                    .put("name", call.name());
            try {
                function.set("arguments", Json.parse(call.argumentsJson()));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("scripted arguments are no JSON: " + call.argumentsJson(), e);
            }
        }
    }

    private ObjectNode last(Answer answer, String text, String thinking, List<Script.ToolCall> calls) {
        ObjectNode frame = content(answer, text, thinking, calls);
        frame.put("done", true).put("done_reason", answer.truncated() ? "length" : "stop");
        if (!chat && !Json.field(answer.request().body(), "raw").asBoolean()) {
            frame.putArray("context").add(151644).add(872);
        }
        if (answer.omitsCounts()) {
            return frame;
        }
        long total = answer.elapsedNanos();
        frame.put("total_duration", total).put("load_duration", 1_000_000L);
        count(frame, "prompt_eval_count", answer.script().inputCount, answer.inputTokens());
        frame.put("prompt_eval_duration", 20_000_000L);
        count(frame, "eval_count", answer.script().outputCount, answer.outputTokens());
        return frame.put("eval_duration", Math.max(1, total - 21_000_000L));
    }

    /** Ollama leaves zeros out; one that is scripted is shown. */
    private static void count(ObjectNode frame, String name, Script.Claim claim, long value) {
        if (value != 0 || claim.stated() != null) {
            frame.put(name, value);
        }
    }
}
