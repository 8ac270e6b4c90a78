package ai.neuronetz.gateway.ollama;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.ollama.RequestTable.InBody;
import ai.neuronetz.gateway.ollama.RequestTable.InOptions;
import ai.neuronetz.gateway.ollama.RequestTable.NoOutput;
import ai.neuronetz.gateway.ollama.RequestTable.Streaming;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A client's request for an answer of a model, read strictly.
 *
 * <p>In two steps, so that whoever decides about the model can do so before anything is said about other fields. Immutable;
 * not a record, because it holds a prompt.
 */
@Internal
public final class InferenceRequest {

    /** What became of reading a body. */
    public sealed interface Reading {}

    public record Read(InferenceRequest request) implements Reading {}

    /** What became of writing the request for Ollama. */
    public sealed interface Writing {}

    public record Written(UpstreamRequest request) implements Writing {}

    /** The body is not acceptable, whatever is asked of whom. */
    public record Refused(Denial denial) implements Reading, Writing {}

    private static final List<String> NUM_PREDICT = List.of("num_predict");

    private final RequestTable table;
    private final ObjectNode root;
    private final String model;
    private final int bodyLength;

    private InferenceRequest(RequestTable table, ObjectNode root, String model, int bodyLength) {
        this.table = table;
        this.root = root;
        this.model = model;
        this.bodyLength = bodyLength;
    }

    /**
     * Reads the JSON and the name of the model; looks at nothing else.
     *
     * @throws IllegalArgumentException if the endpoint is no inference endpoint
     */
    public static Reading read(Endpoint endpoint, byte[] body) {
        RequestTable table = RequestTable.of(endpoint);
        if (!(StrictJson.parse(body) instanceof StrictJson.Parsed parsed)) {
            return new Refused(Denial.of(Reason.INVALID_JSON));
        }
        try {
            table.fields().requireUnambiguous(parsed.root());
        } catch (RefusedFieldException refused) {
            return new Refused(refused.denial());
        }
        JsonNode model = parsed.root().path("model");
        if (model.isMissingNode() || model.isNull()) {
            return new Refused(Denial.ofField(Reason.MISSING_FIELD, "model"));
        }
        if (!model.isTextual()) {
            return new Refused(Denial.ofField(Reason.INVALID_FIELD, "model"));
        }
        if (model.textValue().isEmpty()) {
            return new Refused(Denial.ofField(Reason.MISSING_FIELD, "model"));
        }
        return new Read(new InferenceRequest(table, parsed.root(), model.textValue(), body.length));
    }

    /** As the client wrote it; not empty. */
    public String model() {
        return model;
    }

    /** Whether the answer is made of tokens, and not only read into some. */
    public boolean generates() {
        return !(table.cap() instanceof NoOutput);
    }

    /**
     * Checks all other fields and writes the request for Ollama.
     *
     * @param spelling the model, as Ollama is to be asked for it
     * @param maxOutputTokens the cap on the output, at least 1; ignored where nothing is {@linkplain #generates generated}
     */
    public Writing write(String spelling, int maxOutputTokens) {
        requireNonNull(spelling, "spelling");
        if (maxOutputTokens < 1 && generates()) {
            throw new IllegalArgumentException("maxOutputTokens: " + maxOutputTokens + " (expected: >= 1)");
        }
        try {
            return new Written(draft(spelling, maxOutputTokens));
        } catch (RefusedFieldException refused) {
            return new Refused(refused.denial());
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        }
    }

    private UpstreamRequest draft(String spelling, int maxOutputTokens) throws IOException, RefusedFieldException {
        Streaming streaming = table.streaming();
        boolean streamed =
                streaming != Streaming.NEVER && flag(root, "stream", "stream", streaming == Streaming.BY_DEFAULT);
        requireContent();
        for (String name : table.single()) {
            JsonNode value = root.path(name);
            Shapes.require(value.isMissingNode() || value.isNull() || (value.isInt() && value.intValue() == 1), name);
        }
        RequestDraft draft = new RequestDraft(bodyLength + 256);
        draft.json().writeStartObject();
        draft.json().writeStringField("model", spelling);
        if (streaming != Streaming.NEVER) {
            draft.json().writeBooleanField("stream", streamed);
        }
        table.fields().writeEntries(root, "", draft);
        int cap = writeOutputCap(draft, maxOutputTokens);
        boolean usageWanted = streaming == Streaming.ON_REQUEST_WITH_USAGE && writeStreamOptions(draft, streamed);
        if (table.converted() && root.path(table.content()).isArray() && !says(root.path(table.content()))) {
            throw new RefusedFieldException(table.empty());
        }
        draft.json().writeEndObject();
        return new UpstreamRequest(
                draft.finish(), streamed, usageWanted, draft.isStructured(), cap, draft.size(), draft.adjusted());
    }

    private void requireContent() throws RefusedFieldException {
        if (empty(root.path(table.content()))) {
            throw new RefusedFieldException(table.empty());
        }
    }

    private static boolean empty(JsonNode content) {
        return content.isTextual()
                ? content.textValue().isEmpty()
                : content.isMissingNode() || content.isNull() || (content.isArray() && content.isEmpty());
    }

    /** Whether Ollama makes at least one message of these; of none it would make a request that only loads the model. */
    private static boolean says(JsonNode messages) {
        for (JsonNode message : messages) {
            JsonNode content = message.path("content");
            boolean calls = !empty(message.path("tool_calls"))
                    || message.path("type").asText("").startsWith("function_call");
            if (calls || !empty(message.path("encrypted_content")) || (!empty(content) && !blank(content))) {
                return true;
            }
        }
        return false;
    }

    /** A list of texts all of which are empty. */
    private static boolean blank(JsonNode parts) {
        for (JsonNode part : parts) {
            if (!part.path("type").asText("").endsWith("text") || !empty(part.path("text"))) {
                return false;
            }
        }
        return parts.isArray();
    }

    /** Ollama takes 0, a negative and an absent cap for none, so that one in [1, max] is written always. */
    private int writeOutputCap(RequestDraft draft, int max) throws IOException, RefusedFieldException {
        RequestTable.Cap place = table.cap();
        if (place instanceof InOptions inOptions) {
            return writeOptions(draft, inOptions.options(), max);
        }
        if (place instanceof InBody inBody) {
            int cap = OutputCap.of(root, "", inBody.names(), true, max, draft);
            draft.json().writeNumberField(inBody.names().get(0), cap);
            return cap;
        }
        return 0;
    }

    private int writeOptions(RequestDraft draft, Fields options, int max) throws IOException, RefusedFieldException {
        JsonNode given = root.path("options");
        Shapes.require(given.isMissingNode() || given.isNull() || given.isObject(), "options");
        ObjectNode map = given instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
        int cap = OutputCap.of(map, "options", NUM_PREDICT, false, max, draft);
        draft.json().writeObjectFieldStart("options");
        options.writeEntries(map, "options", draft);
        draft.json().writeNumberField(NUM_PREDICT.get(0), cap);
        draft.json().writeEndObject();
        return cap;
    }

    /** An OpenAI stream always asks for usage, which is what the request is charged by. */
    private boolean writeStreamOptions(RequestDraft draft, boolean streamed) throws IOException, RefusedFieldException {
        JsonNode given = root.path("stream_options");
        boolean wanted = false;
        if (given instanceof ObjectNode object) {
            wanted = flag(object, "include_usage", "stream_options.include_usage", false);
            OpenAiRequests.STREAM_OPTIONS.requireUnambiguous(object);
            object.fieldNames().forEachRemaining(name -> {
                if (!name.equals("include_usage")) {
                    draft.dropped("stream_options", name);
                }
            });
        } else {
            Shapes.require(given.isMissingNode() || given.isNull(), "stream_options");
        }
        if (streamed) {
            draft.json().writeObjectFieldStart("stream_options");
            draft.json().writeBooleanField("include_usage", true);
            draft.json().writeEndObject();
        } else if (given.isObject()) {
            draft.adjusted("stream_options");
        }
        return wanted && streamed;
    }

    private static boolean flag(ObjectNode object, String name, String path, boolean absent)
            throws RefusedFieldException {
        JsonNode value = object.path(name);
        return (value.isMissingNode() || value.isNull()) ? absent : Shapes.bool(value, path);
    }
}
