package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/** Chunks of {@code /v1/chat/completions}, and the whole answer of a request that is not streamed. */
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
            case "usage" -> usage(parser, frame);
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
                choice(parser, frame);
            } else {
                frame.sound = false;
                parser.skipChildren();
            }
        }
    }

    private static void choice(JsonParser parser, Frame frame) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken value = parser.nextToken();
            if ((key.equals("delta") || key.equals("message")) && value == JsonToken.START_OBJECT) {
                message(parser, frame);
            } else {
                frame.last |= key.equals("finish_reason") && value == JsonToken.VALUE_STRING;
                parser.skipChildren();
            }
        }
    }

    private static void message(JsonParser parser, Frame frame) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "content", "reasoning", "tool_calls" -> frame.outputBytes += outputBytes(parser);
                default -> parser.skipChildren();
            }
        }
    }

    private static void usage(JsonParser parser, Frame frame) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        frame.usage = true;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "prompt_tokens" -> frame.inputTokens = count(parser);
                case "completion_tokens" -> frame.outputTokens = count(parser);
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
