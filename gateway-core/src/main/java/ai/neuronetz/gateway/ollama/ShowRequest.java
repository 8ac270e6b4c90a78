package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Reads {@code POST /api/show}, which only asks about a model, as strictly as what asks the model. */
@Internal
public final class ShowRequest {

    /** What became of reading a body. */
    public sealed interface Reading {}

    /**
     * @param model as the client wrote it; not empty
     * @param adjusted names of fields that were dropped; safe in a header
     */
    public record Read(String model, List<String> adjusted) implements Reading {
        public Read {
            adjusted = List.copyOf(adjusted);
        }
    }

    public record Refused(Denial denial) implements Reading {}

    /** {@code verbose} asks for megabytes of vocabulary; the others would only come back in the answer. */
    private static final Fields FIELDS = Fields.struct()
            .elsewhere("model", "name")
            .strip("verbose", "system", "template", "options")
            .build();

    private ShowRequest() {}

    /** Does not throw. */
    public static Reading read(byte[] body) {
        if (!(StrictJson.parse(body) instanceof StrictJson.Parsed parsed)) {
            return new Refused(Denial.of(Reason.INVALID_JSON));
        }
        try {
            RequestDraft notes = new RequestDraft(16);
            FIELDS.writeEntries(parsed.root(), "", notes);
            return new Read(model(parsed.root()), notes.adjusted());
        } catch (RefusedFieldException refused) {
            return new Refused(refused.denial());
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        }
    }

    /** Ollama reads {@code name}, which was the field's first name, where {@code model} is empty. */
    private static String model(ObjectNode root) throws RefusedFieldException {
        String model = text(root, "model");
        String name = text(root, "name");
        if (model.isEmpty() && name.isEmpty()) {
            throw RefusedFieldException.missing("model");
        }
        if (!model.isEmpty() && !name.isEmpty() && !model.equals(name)) {
            throw RefusedFieldException.invalid("name");
        }
        return model.isEmpty() ? name : model;
    }

    private static String text(ObjectNode root, String field) throws RefusedFieldException {
        JsonNode value = root.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        Shapes.require(value.isTextual(), field);
        return value.textValue();
    }
}
