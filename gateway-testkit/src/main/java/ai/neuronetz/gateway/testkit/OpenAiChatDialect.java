package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** JSON and SSE of /v1/chat/completions. */
final class OpenAiChatDialect implements Dialect {
    @Override
    public String streamType() {
        return "text/event-stream";
    }

    @Override
    public List<Frame> frames(Answer answer) {
        List<Frame> frames = new ArrayList<>();
        int call = 0;
        for (Answer.Piece piece : answer.pieces()) {
            boolean first = frames.isEmpty();
            int index = piece.kind() == Answer.Kind.TOOL ? call++ : 0;
            frames.add(Frame.data(piece.tokens(), true, () -> delta(answer, piece, first, index)));
        }
        frames.add(Frame.data(0, true, () -> {
            ObjectNode chunk = chunk(answer, answer.model());
            choice(chunk).putObject("delta");
            ((ObjectNode) chunk.get("choices").get(0)).put("finish_reason", finish(answer));
            return chunk;
        }));
        if (answer.request().includeUsage() && !answer.omitsCounts()) {
            frames.add(Frame.data(0, false, () -> {
                ObjectNode chunk = chunk(answer, answer.model());
                chunk.putArray("choices");
                return chunk.set("usage", usage(answer));
            }));
        }
        frames.add(new Frame(0, false, () -> "data: [DONE]\n\n"));
        return frames;
    }

    @Override
    public ObjectNode whole(Answer answer) {
        ObjectNode whole = head(answer, "chat.completion", answer.model());
        ObjectNode choice = whole.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message");
        message.put("role", "assistant").put("content", answer.text(Answer.Kind.TEXT));
        if (!answer.text(Answer.Kind.THINKING).isEmpty()) {
            message.put("reasoning", answer.text(Answer.Kind.THINKING));
        }
        if (!answer.calls().isEmpty()) {
            ArrayNode calls = message.putArray("tool_calls");
            for (int i = 0; i < answer.calls().size(); i++) {
                call(calls, answer, answer.calls().get(i), i);
            }
        }
        choice.put("finish_reason", finish(answer));
        return whole.set("usage", usage(answer));
    }

    @Override
    public ObjectNode error(int status, String message) {
        return OpenAiErrors.error(status, message);
    }

    /** Ollama turns the error into one empty chunk, and its text is lost. */
    @Override
    public Optional<String> brokenOff(String message) {
        ObjectNode chunk = Json.object()
                .put("id", "chatcmpl-0")
                .put("object", "chat.completion.chunk")
                .put("created", 0)
                .put("model", "")
                .put("system_fingerprint", "fp_ollama");
        choice(chunk).putObject("delta").put("role", "assistant").put("content", "");
        ((ObjectNode) chunk.get("choices").get(0)).putNull("finish_reason");
        return Optional.of("data: " + Json.write(chunk) + "\n\n");
    }

    /** Zeros when the script leaves counts out, as Ollama writes them when it has none. */
    static ObjectNode usage(Answer answer) {
        long input = answer.inputTokens();
        long output = answer.outputTokens();
        return Json.object()
                .put("prompt_tokens", input)
                .put("completion_tokens", output)
                .put("total_tokens", input + output);
    }

    private static ObjectNode delta(Answer answer, Answer.Piece piece, boolean first, int callIndex) {
        ObjectNode chunk = chunk(answer, answer.model());
        ObjectNode choice = choice(chunk);
        ObjectNode delta = choice.putObject("delta");
        if (first) {
            delta.put("role", "assistant");
        }
        switch (piece.kind()) {
            case TEXT -> delta.put("content", piece.text());
            case THINKING -> delta.put("content", "").put("reasoning", piece.text());
            case TOOL -> call(delta.put("content", "").putArray("tool_calls"), answer, piece.call(), callIndex);
        }
        choice.putNull("finish_reason");
        return chunk;
    }

    private static void call(ArrayNode calls, Answer answer, Script.ToolCall call, int index) {
        calls.addObject()
                .put("id", "call_" + answer.id(index))
                .put("index", index)
                .put("type", "function")
                .putObject("function")
                .put("name", call.name())
                .put("arguments", call.argumentsJson());
    }

    private static String finish(Answer answer) {
        return answer.truncated() ? "length" : answer.calls().isEmpty() ? "stop" : "tool_calls";
    }

    private static ObjectNode chunk(Answer answer, String model) {
        return head(answer, "chat.completion.chunk", model);
    }

    private static ObjectNode head(Answer answer, String object, String model) {
        return Json.object()
                .put("id", "chatcmpl-" + answer.request().received().sequence() % 999)
                .put("object", object)
                .put("created", answer.createdSeconds())
                .put("model", model)
                .put("system_fingerprint", "fp_ollama");
    }

    private static ObjectNode choice(ObjectNode chunk) {
        return chunk.putArray("choices").addObject().put("index", 0);
    }
}
