package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** The one description of an inference endpoint's fields, and what of them the gateway itself decides. */
abstract class RequestTable {

    static RequestTable of(Endpoint endpoint) {
        return switch (endpoint) {
            case CHAT -> NativeChatTable.INSTANCE;
            case CHAT_COMPLETIONS -> ChatCompletionsTable.INSTANCE;
            case VERSION, TAGS, MODELS -> throw new IllegalArgumentException(endpoint + " takes no body");
        };
    }

    abstract Struct struct();

    /** @throws Unacceptable if what was read makes no request */
    void check(ObjectNode fields) {
        JsonNode messages = fields.get("messages");
        if (messages == null || messages.isEmpty()) {
            throw Unacceptable.of(emptyReason(), "messages");
        }
        for (JsonNode message : messages) {
            if (!message.has("role")) {
                throw Unacceptable.of(Reason.MISSING_FIELD, "messages.role");
            }
        }
    }

    /** What a request without messages is told. */
    abstract Reason emptyReason();

    abstract boolean streamed(ObjectNode fields);

    boolean usageWanted(ObjectNode fields) {
        return false;
    }

    /** The output length that was asked for, or null. */
    abstract @Nullable Long askedOutput(ObjectNode fields);

    /** The field that says it, as it is named to the client. */
    abstract String outputField();

    /** Adds what the gateway decides. */
    abstract ObjectNode finish(ObjectNode fields, int outputCap);

    /** Reads a number that may be any: out of range is clamped and not refused. */
    static long clampable(JsonNode value, String name) {
        if (!Shape.NUMBER.test(value)) {
            throw Unacceptable.field(name);
        }
        return value.canConvertToLong() ? value.longValue() : Long.MAX_VALUE;
    }

    private static final Struct FUNCTION = Struct.builder()
            .pass(Shape.TEXT, "name", "description")
            .pass(Shape.OBJECT, "parameters")
            .strip("strict")
            .build();

    /** A function tool; the schema in it is free. */
    private static final Struct TOOL = Struct.builder()
            .pass(Shape.oneOf("function"), "type")
            .read("function", FUNCTION::writeObject)
            .build();

    /** Tools are rendered into the prompt. */
    static JsonNode tools(JsonNode value, String path, RequestNotes notes) {
        JsonNode written = TOOL.writeEach(value, path, notes);
        notes.addInput(InputBound.marshalled(written));
        return written;
    }

    /** Text that becomes part of the prompt. */
    static JsonNode prompt(JsonNode value, String path, RequestNotes notes) {
        if (!value.isTextual()) {
            throw Unacceptable.field(path);
        }
        notes.addInput(InputBound.text(value));
        return value;
    }
}
