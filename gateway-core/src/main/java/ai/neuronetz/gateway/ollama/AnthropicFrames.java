package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.ollama.AnswerText.Kind;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/** Events of {@code /v1/messages}, and the whole answer of a request that is not streamed. */
final class AnthropicFrames extends FrameInspector {

    private static final Set<String> WHOLE =
            Set.of("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage");

    private static final Set<String> EVENT = Set.of("type", "message", "index", "content_block", "delta", "usage");

    private static final Set<String> EVENTS = Set.of(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
            "ping");

    private final boolean streamed;
    private String eventName = "";

    AnthropicFrames(boolean streamed) {
        super(streamed ? EVENT : WHOLE);
        this.streamed = streamed;
    }

    @Override
    String eventName() {
        return eventName;
    }

    @Override
    void field(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "type" -> {
                frame.type = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
                parser.skipChildren();
            }
            case "content" -> frame.output(Kind.SAID, parser);
            case "stop_reason" -> {
                frame.last = parser.currentToken() == JsonToken.VALUE_STRING;
                parser.skipChildren();
            }
            case "delta" -> members(parser, (member, value) -> delta(member, value, frame));
            // Not the one inside message_start, whose input is a guess.
            case "usage" -> usage(parser, frame, "input_tokens", "output_tokens");
            default -> parser.skipChildren();
        }
    }

    private static void delta(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "text" -> frame.output(Kind.SAID, parser);
            case "thinking" -> frame.output(Kind.THOUGHT, parser);
            case "partial_json" -> frame.output(Kind.CALLED, parser);
            default -> parser.skipChildren();
        }
    }

    @Override
    Verdict conclude(Frame frame) {
        if (!streamed && !frame.type.equals("message")) {
            return Verdict.FAIL;
        }
        if (streamed && !EVENTS.contains(frame.type)) {
            // An error has no other key; what else may come is for clients of a later day.
            return frame.type.isEmpty() || frame.type.equals("error") ? Verdict.FAIL : Verdict.HIDE;
        }
        eventName = frame.type;
        add(frame);
        if (frame.usage) {
            report(frame.inputTokens, frame.outputTokens);
        }
        if (streamed ? frame.type.equals("message_stop") : frame.last) {
            terminate();
        }
        return frame.foreign ? Verdict.REWRITE : Verdict.FORWARD;
    }
}
