package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.ollama.AnswerText.Kind;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/** Chunks of {@code /v1/chat/completions} and {@code /v1/completions}, and the whole answer of a request that is not streamed. */
final class OpenAiFrames extends FrameInspector {

    private static final Set<String> KNOWN =
            Set.of("id", "object", "created", "model", "system_fingerprint", "choices", "usage");

    private final boolean streamed;
    private final boolean usageShown;

    /**
     * @param streamed a stream ends with {@code [DONE]}, which is no frame; any other answer ends with itself
     * @param usageShown whether the client is to see the usage
     */
    OpenAiFrames(boolean streamed, boolean usageShown) {
        super(KNOWN);
        this.streamed = streamed;
        this.usageShown = usageShown;
    }

    @Override
    boolean kept(String key) {
        return super.kept(key) && (usageShown || !key.equals("usage"));
    }

    @Override
    void field(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "choices" -> choices(parser, frame);
            case "usage" -> usage(parser, frame, "prompt_tokens", "completion_tokens");
            default -> parser.skipChildren();
        }
    }

    private static void choices(JsonParser parser, Frame frame) throws IOException {
        frame.sound = parser.currentToken() == JsonToken.START_ARRAY;
        if (!frame.sound) {
            parser.skipChildren();
            return;
        }
        frame.empty = true;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            frame.empty = false;
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                members(parser, (key, value) -> choice(key, value, frame));
            } else {
                frame.sound = false;
                parser.skipChildren();
            }
        }
    }

    private static void choice(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "delta", "message" -> members(parser, (member, value) -> message(member, value, frame));
            case "text" -> frame.output(Kind.SAID, parser);
            default -> {
                frame.last |= key.equals("finish_reason") && parser.currentToken() == JsonToken.VALUE_STRING;
                parser.skipChildren();
            }
        }
    }

    private static void message(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "content" -> frame.output(Kind.SAID, parser);
            case "tool_calls" -> frame.output(Kind.CALLED, parser);
            case "reasoning" -> frame.thought(parser);
            default -> parser.skipChildren();
        }
    }

    @Override
    Verdict conclude(Frame frame) {
        if (!frame.sound) {
            return Verdict.FAIL;
        }
        add(frame);
        if (frame.usage) {
            report(frame.inputTokens, frame.outputTokens);
        }
        if (!streamed && frame.last) {
            terminate();
        }
        if (frame.usage && frame.empty && !usageShown) {
            return Verdict.HIDE;
        }
        return frame.foreign || (frame.usage && !usageShown) ? Verdict.REWRITE : Verdict.FORWARD;
    }
}
