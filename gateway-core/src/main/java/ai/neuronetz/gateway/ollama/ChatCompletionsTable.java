package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/chat/completions}. Source: Ollama {@code openai/openai.go}, {@code ChatCompletionRequest}. */
final class ChatCompletionsTable extends RequestTable {

    static final ChatCompletionsTable INSTANCE = new ChatCompletionsTable();

    private static final String MAX_TOKENS = "max_tokens";
    private static final String MAX_COMPLETION_TOKENS = "max_completion_tokens";
    private static final String STREAM_OPTIONS = "stream_options";
    private static final String INCLUDE_USAGE = "include_usage";

    private static final Predicate<JsonNode> EFFORT =
            Shape.oneOf("none", "minimal", "low", "medium", "high", "max", "xhigh", "ultra");

    private static final Struct CALLED =
            Struct.builder().pass(Shape.TEXT, "name", "arguments").build();

    private static final Struct TOOL_CALL = Struct.builder()
            .pass(Shape.TEXT, "id", "type")
            .pass(Shape.INTEGER, "index")
            .read("function", (value, path, notes) -> {
                JsonNode written = CALLED.writeObject(value, path, notes);
                notes.addInput(InputBound.marshalled(written));
                return written;
            })
            .build();

    private static final Struct IMAGE_URL = Struct.builder()
            .read("url", (value, path, notes) -> {
                // Ollama fetches no URLs, and the gateway would not let it.
                if (!value.isTextual() || !value.textValue().startsWith("data:")) {
                    throw Unacceptable.field(path);
                }
                notes.addInput(InputBound.IMAGE);
                return value;
            })
            .strip("detail")
            .build();

    private static final Struct PART = Struct.builder()
            .pass(Shape.oneOf("text", "image_url"), "type")
            .read("text", RequestTable::prompt)
            .read("image_url", (value, path, notes) -> {
                if (value.isTextual()) {
                    ObjectNode url = StrictJson.MAPPER.createObjectNode();
                    url.set("url", value);
                    return IMAGE_URL.write(url, path + ".", notes);
                }
                return IMAGE_URL.writeObject(value, path, notes);
            })
            .build();

    private static final Struct MESSAGE = Struct.builder()
            .pass(Shape.oneOf("system", "developer", "user", "assistant", "tool"), "role")
            .read("content", ChatCompletionsTable::content)
            .read("reasoning", RequestTable::prompt)
            .read("name", RequestTable::prompt)
            .read("tool_call_id", RequestTable::prompt)
            .array("tool_calls", TOOL_CALL)
            .strip("refusal", "audio", "annotations", "function_call")
            .build();

    private static final Struct JSON_SCHEMA = Struct.builder()
            .pass(Shape.OBJECT, "schema")
            .strip("name", "description", "strict")
            .build();

    private static final Struct RESPONSE_FORMAT = Struct.builder()
            .pass(Shape.oneOf("text", "json_object", "json_schema"), "type")
            .read("json_schema", JSON_SCHEMA::writeObject)
            .build();

    private static final Struct REASONING =
            Struct.builder().pass(EFFORT, "effort").strip("summary").build();

    private static final Struct STREAMING = Struct.builder()
            .pass(Shape.FLAG, INCLUDE_USAGE)
            .strip("include_obfuscation")
            .build();

    private static final Struct REQUEST = Struct.builder()
            .pass(Shape.TEXT, "model")
            .pass(Shape.FLAG, "stream", "logprobs")
            .pass(Shape.integer(0, 20), "top_logprobs")
            .pass(Shape.NUMBER, "temperature", "top_p", "frequency_penalty", "presence_penalty")
            .pass(Shape.INTEGER, "seed")
            .pass(Shape.TEXT_OR_TEXTS, "stop")
            .pass(EFFORT, "reasoning_effort")
            .array("messages", MESSAGE)
            .read("tools", RequestTable::tools)
            .read(MAX_TOKENS, ChatCompletionsTable::length)
            .read(MAX_COMPLETION_TOKENS, ChatCompletionsTable::length)
            .read("reasoning", REASONING::writeObject)
            .read(STREAM_OPTIONS, STREAMING::writeObject)
            .read("response_format", (value, path, notes) -> {
                JsonNode written = RESPONSE_FORMAT.writeObject(value, path, notes);
                notes.addInput(InputBound.marshalled(written));
                return written;
            })
            .read("n", ChatCompletionsTable::one)
            .read("best_of", ChatCompletionsTable::one)
            .strip("_debug_render_only")
            .build();

    private ChatCompletionsTable() {}

    /** A string or an array of parts; Ollama makes a message of each part. */
    private static JsonNode content(JsonNode value, String path, RequestNotes notes) {
        if (!value.isArray()) {
            return prompt(value, path, notes);
        }
        ArrayNode parts = StrictJson.MAPPER.createArrayNode();
        for (JsonNode part : value) {
            ObjectNode written = PART.writeObject(part, path, notes);
            String type = written.path("type").asText();
            if (!written.has(type)) {
                throw Unacceptable.field(path + ".type");
            }
            parts.add(written);
        }
        notes.addInput(InputBound.MESSAGE * parts.size());
        return parts;
    }

    private static JsonNode length(JsonNode value, String path, RequestNotes notes) {
        return StrictJson.MAPPER.getNodeFactory().numberNode(clampable(value, path));
    }

    /** Ollama gives one choice whatever is asked; who asks for more should know. */
    private static @Nullable JsonNode one(JsonNode value, String path, RequestNotes notes) {
        if (!Shape.integer(1, 1).test(value)) {
            throw Unacceptable.field(path);
        }
        return null;
    }

    @Override
    Struct struct() {
        return REQUEST;
    }

    @Override
    Reason emptyReason() {
        return Reason.MISSING_FIELD;
    }

    @Override
    boolean streamed(ObjectNode fields) {
        return fields.path("stream").booleanValue();
    }

    @Override
    boolean usageWanted(ObjectNode fields) {
        return fields.path(STREAM_OPTIONS).path(INCLUDE_USAGE).booleanValue();
    }

    /** The smaller of the two, where both are given. Ollama itself reads only the older one. */
    @Override
    @Nullable
    Long askedOutput(ObjectNode fields) {
        JsonNode older = fields.path(MAX_TOKENS);
        JsonNode newer = fields.path(MAX_COMPLETION_TOKENS);
        if (older.isMissingNode() && newer.isMissingNode()) {
            return null;
        }
        return Math.min(older.asLong(Long.MAX_VALUE), newer.asLong(Long.MAX_VALUE));
    }

    @Override
    String outputField() {
        return MAX_TOKENS;
    }

    @Override
    ObjectNode finish(ObjectNode fields, int outputCap) {
        fields.remove(MAX_COMPLETION_TOKENS);
        fields.put(MAX_TOKENS, outputCap);
        fields.put("stream", streamed(fields));
        fields.remove(STREAM_OPTIONS);
        if (streamed(fields)) {
            // Always: it is how the gateway learns the true counts.
            fields.putObject(STREAM_OPTIONS).put(INCLUDE_USAGE, true);
        }
        return fields;
    }
}
