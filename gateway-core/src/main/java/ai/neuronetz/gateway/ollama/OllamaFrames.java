package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/** Frames of {@code /api/chat}; the whole answer of a request that is not streamed looks the same. */
final class OllamaFrames extends FrameInspector {

    private static final Set<String> KNOWN = Set.of(
            "model",
            "created_at",
            "message",
            "done",
            "done_reason",
            "total_duration",
            "load_duration",
            "prompt_eval_count",
            "prompt_eval_duration",
            "eval_count",
            "eval_duration",
            "logprobs");

    OllamaFrames() {
        super(KNOWN);
    }

    @Override
    void field(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "message" -> message(parser, frame);
            case "done" -> {
                frame.sound = parser.currentToken().isBoolean();
                frame.last = parser.currentToken() == JsonToken.VALUE_TRUE;
                parser.skipChildren();
            }
            case "prompt_eval_count" -> frame.inputTokens = count(parser);
            case "eval_count" -> frame.outputTokens = count(parser);
            default -> parser.skipChildren();
        }
    }

    private static void message(JsonParser parser, Frame frame) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "content", "thinking", "tool_calls" -> frame.outputBytes += outputBytes(parser);
                default -> parser.skipChildren();
            }
        }
    }

    @Override
    Verdict conclude(Frame frame) {
        if (!frame.sound) {
            return Verdict.FAIL;
        }
        add(frame);
        if (frame.last) {
            report(frame.inputTokens, frame.outputTokens);
            terminate();
        }
        return frame.foreign ? Verdict.REWRITE : Verdict.FORWARD;
    }
}
