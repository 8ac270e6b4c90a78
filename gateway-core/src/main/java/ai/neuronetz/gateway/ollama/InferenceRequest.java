package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request for output as it was read and checked, from which Ollama's body is written anew.
 *
 * <p>Not thread-safe. Not a record: it holds a prompt.
 */
public final class InferenceRequest {

    private final RequestTable table;
    private final String model;
    private final ObjectNode fields;
    private final List<String> adjusted;
    private final long inputBound;

    private InferenceRequest(RequestTable table, String model, ObjectNode fields, RequestNotes notes) {
        this.table = table;
        this.model = model;
        this.fields = fields;
        this.adjusted = new ArrayList<>(notes.adjusted());
        this.inputBound = notes.inputBound()
                + InputBound.TEMPLATE
                + InputBound.MESSAGE * fields.path("messages").size();
    }

    /** What came of reading a body. */
    public sealed interface Reading {

        record Accepted(InferenceRequest request) implements Reading {}

        /** @param field a name from the gateway's own tables, or null */
        record Rejected(Reason reason, @Nullable String field) implements Reading {}
    }

    /** Reads a body by the endpoint's table. Does not throw, whatever the bytes. */
    public static Reading read(Endpoint endpoint, byte[] body) {
        Optional<ObjectNode> json = StrictJson.parse(body);
        if (json.isEmpty()) {
            return new Reading.Rejected(Reason.INVALID_JSON, null);
        }
        RequestTable table = RequestTable.of(endpoint);
        RequestNotes notes = new RequestNotes();
        try {
            ObjectNode fields = table.struct().write(json.get(), "", notes);
            JsonNode model = fields.remove("model");
            if (model == null || model.textValue().isEmpty()) {
                throw Unacceptable.of(Reason.MISSING_FIELD, "model");
            }
            table.check(fields);
            return new Reading.Accepted(new InferenceRequest(table, model.textValue(), fields, notes));
        } catch (Unacceptable e) {
            return new Reading.Rejected(e.reason(), e.field());
        }
    }

    /** The model as the client wrote it. */
    public String model() {
        return model;
    }

    public boolean streamed() {
        return table.streamed(fields);
    }

    /** The client asked for OpenAI's usage chunk. */
    public boolean usageWanted() {
        return table.usageWanted(fields);
    }

    /** Tokens the input can become at most; at least 1. */
    public long inputBound() {
        return inputBound;
    }

    /** The output length the client asked for, where it is one, and no more than the cap; else the cap. */
    public int outputCap(int cap) {
        Long asked = table.askedOutput(fields);
        boolean fits = asked != null && asked >= 1 && asked <= cap;
        if (asked != null && !fits) {
            adjusted.add(table.outputField());
        }
        return fits ? asked.intValue() : cap;
    }

    /** Names of the fields that were dropped, stripped or clamped. To be read after {@link #outputCap}. */
    public List<String> adjusted() {
        return List.copyOf(adjusted);
    }

    /** Ollama's body. */
    public byte[] write(String operatorsModel, int outputCap) {
        ObjectNode out = StrictJson.MAPPER.createObjectNode();
        out.put("model", operatorsModel);
        out.setAll(table.finish(fields.deepCopy(), outputCap));
        return StrictJson.write(out);
    }
}
