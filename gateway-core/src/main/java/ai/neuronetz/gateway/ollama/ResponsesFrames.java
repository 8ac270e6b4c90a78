package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.ollama.AnswerText.Kind;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Events of {@code /v1/responses}, and the whole answer of a request that is not streamed. */
final class ResponsesFrames extends FrameInspector {

    private static final Set<String> WHOLE = Set.of(
            "id",
            "object",
            "created_at",
            "completed_at",
            "status",
            "incomplete_details",
            "model",
            "previous_response_id",
            "instructions",
            "output",
            "error",
            "tools",
            "tool_choice",
            "truncation",
            "parallel_tool_calls",
            "text",
            "top_p",
            "presence_penalty",
            "frequency_penalty",
            "top_logprobs",
            "temperature",
            "reasoning",
            "usage",
            "max_output_tokens",
            "max_tool_calls",
            "store",
            "background",
            "service_tier",
            "metadata",
            "safety_identifier",
            "prompt_cache_key");

    private static final Set<String> EVENT = Set.of(
            "type",
            "sequence_number",
            "response",
            "output_index",
            "content_index",
            "summary_index",
            "item_id",
            "item",
            "part",
            "delta",
            "text",
            "arguments",
            "name",
            "logprobs");

    private static final Set<String> EVENTS = Set.of(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.output_item.done",
            "response.content_part.added",
            "response.content_part.done",
            "response.output_text.delta",
            "response.output_text.done",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_part.done",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.completed",
            "response.incomplete");

    private static final Set<String> FAILURES = Set.of("", "error", "response.failed", "response.cancelled");
    private static final Set<String> COMPLETE = Set.of("completed", "incomplete");

    private final boolean streamed;
    private String eventName = "";

    ResponsesFrames(boolean streamed) {
        super(streamed ? EVENT : WHOLE);
        this.streamed = streamed;
    }

    @Override
    String eventName() {
        return eventName;
    }

    @Override
    void field(String key, JsonParser parser, Frame frame) throws IOException {
        if (!streamed) {
            response(key, parser, frame);
            return;
        }
        switch (key) {
            case "type" -> frame.type = text(parser);
            case "delta" -> frame.output(Kind.SAID, parser);
            case "response" -> members(parser, (member, value) -> response(member, value, frame));
            default -> parser.skipChildren();
        }
    }

    private void response(String key, JsonParser parser, Frame frame) throws IOException {
        switch (key) {
            case "status" -> {
                String status = text(parser);
                frame.last = COMPLETE.contains(status);
                frame.failed |= status.equals("failed");
            }
            case "error" -> {
                frame.failed |= parser.currentToken() != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
            case "output" -> {
                // A stream has carried it before.
                if (streamed) {
                    parser.skipChildren();
                } else {
                    output(parser, frame);
                }
            }
            case "usage" -> usage(parser, frame, "input_tokens", "output_tokens");
            default -> parser.skipChildren();
        }
    }

    /** The items of a whole answer. */
    private static void output(JsonParser parser, Frame frame) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            members(parser, (key, value) -> {
                switch (key) {
                    case "summary" -> frame.thought(value);
                    case "content" -> frame.output(Kind.SAID, value);
                    case "name", "arguments" -> frame.output(Kind.CALLED, key, value);
                    default -> value.skipChildren();
                }
            });
        }
    }

    private static String text(JsonParser parser) throws IOException {
        String text = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
        parser.skipChildren();
        return text;
    }

    private static @Nullable Kind kind(String event) {
        if (event.startsWith("response.reasoning")) {
            return Kind.THOUGHT;
        }
        return event.startsWith("response.function_call") ? Kind.CALLED : null;
    }

    @Override
    Verdict conclude(Frame frame) {
        if (frame.failed || (streamed && FAILURES.contains(frame.type))) {
            return Verdict.FAIL;
        }
        if (streamed && !EVENTS.contains(frame.type)) {
            return Verdict.HIDE;
        }
        eventName = frame.type;
        if (!streamed || frame.type.endsWith(".delta")) {
            frame.thoughtBytes += frame.type.startsWith("response.reasoning") ? frame.outputBytes : 0;
            add(frame, kind(frame.type));
        }
        if (frame.usage) {
            report(frame.inputTokens, frame.outputTokens);
        }
        if (frame.last) {
            terminate();
        }
        return frame.foreign ? Verdict.REWRITE : Verdict.FORWARD;
    }
}
