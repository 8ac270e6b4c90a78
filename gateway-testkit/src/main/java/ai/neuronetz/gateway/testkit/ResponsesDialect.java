package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** JSON and SSE of /v1/responses. */
final class ResponsesDialect implements Dialect {
    @Override
    public String streamType() {
        return "text/event-stream";
    }

    @Override
    public List<Frame> frames(Answer answer) {
        Events events = new Events();
        events.add(0, true, "response.created", () -> wrapped(response(answer, "in_progress", false)));
        events.add(0, false, "response.in_progress", () -> wrapped(response(answer, "in_progress", false)));
        int output = 0;
        if (!answer.text(Answer.Kind.THINKING).isEmpty()) {
            reasoning(events, answer, output++);
        }
        if (!answer.text(Answer.Kind.TEXT).isEmpty()) {
            text(events, answer, output++);
        }
        for (Answer.Piece piece : answer.pieces()) {
            if (piece.kind() == Answer.Kind.TOOL) {
                call(events, answer, piece, output++);
            }
        }
        events.add(0, true, "response.completed", () -> wrapped(response(answer, "completed", true)));
        return events.frames;
    }

    @Override
    public ObjectNode whole(Answer answer) {
        return response(answer, "completed", true);
    }

    @Override
    public ObjectNode error(int status, String message) {
        return OpenAiErrors.error(status, message);
    }

    @Override
    public Optional<String> brokenOff(String message) {
        return Optional.empty();
    }

    private static void reasoning(Events events, Answer answer, int output) {
        ObjectNode item = reasoningItem(answer);
        events.add(0, false, "response.output_item.added", () -> item(output, item));
        for (Answer.Piece piece : answer.pieces()) {
            if (piece.kind() == Answer.Kind.THINKING) {
                events.addTokens(
                        1,
                        "response.reasoning_summary_text.delta",
                        () -> at(output).put("summary_index", 0).put("delta", piece.text()));
            }
        }
        events.add(
                0,
                false,
                "response.reasoning_summary_text.done",
                () -> at(output).put("summary_index", 0).put("text", answer.text(Answer.Kind.THINKING)));
        events.add(0, false, "response.output_item.done", () -> item(output, item));
    }

    private static void text(Events events, Answer answer, int output) {
        String all = answer.text(Answer.Kind.TEXT);
        events.add(0, false, "response.output_item.added", () -> item(output, messageItem(answer, "in_progress")));
        events.add(0, false, "response.content_part.added", () -> part(output, ""));
        for (Answer.Piece piece : answer.pieces()) {
            if (piece.kind() == Answer.Kind.TEXT) {
                events.addTokens(
                        1,
                        "response.output_text.delta",
                        () -> at(output).put("content_index", 0).put("delta", piece.text()));
            }
        }
        events.add(
                0,
                false,
                "response.output_text.done",
                () -> at(output).put("content_index", 0).put("text", all));
        events.add(0, false, "response.content_part.done", () -> part(output, all));
        events.add(0, false, "response.output_item.done", () -> item(output, messageItem(answer, "completed")));
    }

    private static void call(Events events, Answer answer, Answer.Piece piece, int output) {
        Script.ToolCall call = piece.call();
        events.add(0, false, "response.output_item.added", () -> item(output, callItem(answer, call, output)));
        events.addTokens(
                piece.tokens(),
                "response.function_call_arguments.delta",
                () -> at(output).put("delta", call.argumentsJson()));
        events.add(
                0,
                false,
                "response.function_call_arguments.done",
                () -> at(output).put("arguments", call.argumentsJson()));
        events.add(0, false, "response.output_item.done", () -> item(output, callItem(answer, call, output)));
    }

    private static ObjectNode response(Answer answer, String status, boolean complete) {
        ObjectNode response = Json.object()
                .put("id", "resp_" + answer.request().received().sequence())
                .put("object", "response")
                .put("created_at", answer.createdSeconds())
                .put("status", status)
                .put("model", answer.model());
        ArrayNode output = response.putArray("output");
        if (!complete) {
            return response.putNull("usage");
        }
        if (!answer.text(Answer.Kind.THINKING).isEmpty()) {
            output.add(reasoningItem(answer));
        }
        if (!answer.text(Answer.Kind.TEXT).isEmpty()) {
            output.add(messageItem(answer, "completed"));
        }
        for (Script.ToolCall call : answer.calls()) {
            output.add(callItem(answer, call, output.size()));
        }
        return response.set("usage", usage(answer));
    }

    private static ObjectNode usage(Answer answer) {
        long input = answer.inputTokens();
        long generated = answer.outputTokens();
        ObjectNode usage = Json.object()
                .put("input_tokens", input)
                .put("output_tokens", generated)
                .put("total_tokens", input + generated);
        usage.putObject("input_tokens_details").put("cached_tokens", 0);
        usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
        return usage;
    }

    private static ObjectNode reasoningItem(Answer answer) {
        ObjectNode item = Json.object().put("id", "rs_" + answer.id(0)).put("type", "reasoning");
        item.putArray("summary").addObject().put("type", "summary_text").put("text", answer.text(Answer.Kind.THINKING));
        return item;
    }

    private static ObjectNode messageItem(Answer answer, String status) {
        ObjectNode item = Json.object()
                .put("id", "msg_" + answer.id(0))
                .put("type", "message")
                .put("status", status)
                .put("role", "assistant");
        ArrayNode content = item.putArray("content");
        if (status.equals("completed")) {
            content.add(outputText(answer.text(Answer.Kind.TEXT)));
        }
        return item;
    }

    private static ObjectNode callItem(Answer answer, Script.ToolCall call, int output) {
        return Json.object()
                .put("id", "fc_" + answer.id(output))
                .put("type", "function_call")
                .put("status", "completed")
                .put("call_id", "call_" + answer.id(output))
                .put("name", call.name())
                .put("arguments", call.argumentsJson());
    }

    private static ObjectNode outputText(String text) {
        ObjectNode part = Json.object().put("type", "output_text").put("text", text);
        part.putArray("annotations");
        return part;
    }

    private static ObjectNode wrapped(ObjectNode response) {
        return Json.object().set("response", response);
    }

    private static ObjectNode item(int output, ObjectNode item) {
        return at(output).set("item", item);
    }

    private static ObjectNode part(int output, String text) {
        return at(output).put("content_index", 0).set("part", outputText(text));
    }

    private static ObjectNode at(int output) {
        return Json.object().put("output_index", output);
    }

    /** Numbers the events in the order they are added. */
    private static final class Events {
        final List<Frame> frames = new ArrayList<>();
        private boolean generating;

        /** The first comes with the events before it, the others at the script's pace. */
        void addTokens(int tokens, String type, Supplier<ObjectNode> body) {
            add(tokens, generating, type, body);
            generating = true;
        }

        void add(int tokens, boolean paced, String type, Supplier<ObjectNode> body) {
            int number = frames.size();
            frames.add(Frame.event(
                    tokens,
                    paced,
                    type,
                    () -> body.get().put("sequence_number", number).put("type", type)));
        }
    }
}
