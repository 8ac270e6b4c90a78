package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** {@code POST /api/chat}. Source: Ollama {@code api/types.go}, {@code ChatRequest}, {@code Message} and {@code Options}. */
final class NativeChatTable extends RequestTable {

    static final NativeChatTable INSTANCE = new NativeChatTable();

    private static final String NUM_PREDICT = "num_predict";

    private static final Struct CALLED = Struct.builder()
            .pass(Shape.TEXT, "name")
            .pass(Shape.OBJECT, "arguments")
            .pass(Shape.INTEGER, "index")
            .build();

    private static final Struct TOOL_CALL = Struct.builder()
            .pass(Shape.TEXT, "id", "type")
            .read("function", (value, path, notes) -> {
                JsonNode written = CALLED.writeObject(value, path, notes);
                notes.addInput(InputBound.marshalled(written));
                return written;
            })
            .build();

    private static final Struct MESSAGE = Struct.builder()
            .pass(Shape.oneOf("system", "user", "assistant", "tool"), "role")
            .read("content", RequestTable::prompt)
            .read("thinking", RequestTable::prompt)
            .read("tool_name", RequestTable::prompt)
            .read("tool_call_id", RequestTable::prompt)
            .read("images", (value, path, notes) -> {
                // Go would also read an array of numbers as bytes; clients send base64.
                if (!Shape.TEXTS.test(value)) {
                    throw Unacceptable.field(path);
                }
                notes.addInput(InputBound.IMAGE * value.size());
                return value;
            })
            .array("tool_calls", TOOL_CALL)
            .build();

    /** Keys are case-sensitive here, unlike everywhere else; the table is stricter and harms nobody. */
    private static final Struct OPTIONS = Struct.builder()
            .pass(
                    Shape.NUMBER,
                    "temperature",
                    "top_p",
                    "min_p",
                    "typical_p",
                    "repeat_penalty",
                    "presence_penalty",
                    "frequency_penalty",
                    "seed",
                    "top_k",
                    "repeat_last_n",
                    "num_keep")
            .pass(Shape.TEXTS, "stop")
            .read(
                    NUM_PREDICT,
                    (value, path, notes) -> StrictJson.MAPPER.getNodeFactory().numberNode(clampable(value, path)))
            // A difference in any of these makes Ollama reload the model for everybody.
            .strip("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread", "draft_num_predict")
            .build();

    private static final Struct REQUEST = Struct.builder()
            .pass(Shape.TEXT, "model")
            .pass(Shape.FLAG, "stream", "truncate", "logprobs")
            .pass(Shape.integer(0, 20), "top_logprobs")
            .pass(Shape.FLAG.or(Shape.oneOf("low", "medium", "high", "max")), "think")
            .array("messages", MESSAGE)
            .read("tools", RequestTable::tools)
            .read("format", (value, path, notes) -> {
                if (!value.isObject() && !Shape.oneOf("json", "").test(value)) {
                    throw Unacceptable.field(path);
                }
                notes.addInput(InputBound.marshalled(value));
                return value;
            })
            .read("options", OPTIONS::writeObject)
            .strip("keep_alive", "shift", "_debug_render_only", "template", "raw", "context")
            .build();

    private NativeChatTable() {}

    @Override
    Struct struct() {
        return REQUEST;
    }

    /** Without messages Ollama only loads or unloads the model. */
    @Override
    Reason emptyReason() {
        return Reason.LOAD_REFUSED;
    }

    @Override
    boolean streamed(ObjectNode fields) {
        return !fields.has("stream") || fields.get("stream").booleanValue();
    }

    @Override
    @Nullable
    Long askedOutput(ObjectNode fields) {
        JsonNode asked = fields.path("options").path(NUM_PREDICT);
        return asked.isMissingNode() ? null : Long.valueOf(asked.longValue());
    }

    @Override
    String outputField() {
        return "options." + NUM_PREDICT;
    }

    @Override
    ObjectNode finish(ObjectNode fields, int outputCap) {
        fields.put("stream", streamed(fields));
        ObjectNode options = fields.withObject("/options");
        options.put(NUM_PREDICT, outputCap);
        return fields;
    }
}
