package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.ollama.AnswerText.Kind;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Frames of {@code /api/chat} and {@code /api/generate}; the whole answer of a request that is not streamed looks the same. */
final class OllamaFrames extends FrameInspector {

    private static final Set<String> BOTH = Set.of(
            "model",
            "created_at",
            "done",
            "done_reason",
            "total_duration",
            "load_duration",
            "prompt_eval_count",
            "prompt_eval_duration",
            "eval_count",
            "eval_duration",
            "logprobs");

    private OllamaFrames(String... own) {
        super(Stream.concat(BOTH.stream(), Stream.of(own)).collect(Collectors.toUnmodifiableSet()));
    }

    static OllamaFrames chat() {
        return new OllamaFrames("message");
    }

    /** Without {@code context}: tokens that no tenant may send back. */
    static OllamaFrames generate() {
        return new OllamaFrames("response", "thinking");
    }

    @Override
    void field(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "message" -> members(parser, (member, value) -> message(member, value, frame));
            case "response" -> frame.output(Kind.SAID, parser);
            case "thinking" -> frame.thought(parser);
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

    private static void message(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "content" -> frame.output(Kind.SAID, parser);
            case "tool_calls" -> frame.output(Kind.CALLED, parser);
            case "thinking" -> frame.thought(parser);
            default -> parser.skipChildren();
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
