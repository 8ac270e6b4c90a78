package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The fields of one object of a request: what happens to each, as data.
 *
 * <p>A field that is not listed is dropped. Immutable.
 */
final class Fields implements Shape {

    /** What happens to a field that is listed. */
    private sealed interface Rule {}

    private record Pass(Shape shape, boolean required) implements Rule {}

    /** Ollama knows it and must not see it from a tenant. */
    private record Strip() implements Rule {}

    /** Read and written by the code that writes the request. */
    private record Elsewhere() implements Rule {}

    private final Map<String, Rule> rules;
    private final Set<String> folded;
    private final boolean struct;

    private Fields(Map<String, Rule> rules, boolean struct) {
        this.rules = rules;
        this.struct = struct;
        this.folded = new HashSet<>();
        rules.keySet().forEach(name -> folded.add(fold(name)));
    }

    /** An object that Ollama reads into a Go struct: its keys match in any case. */
    static Builder struct() {
        return new Builder(true);
    }

    /** An object that Ollama reads into a Go map: its keys match exactly. */
    static Builder map() {
        return new Builder(false);
    }

    static String path(String parent, String name) {
        return parent.isEmpty() ? name : parent + "." + name;
    }

    @Override
    public void write(JsonNode value, String path, RequestDraft draft) throws IOException, RefusedFieldException {
        if (!(value instanceof ObjectNode object)) {
            throw RefusedFieldException.invalid(path);
        }
        draft.json().writeStartObject();
        writeEntries(object, path, draft);
        draft.json().writeEndObject();
    }

    /** Writes the fields without the braces. */
    void writeEntries(ObjectNode object, String path, RequestDraft draft) throws IOException, RefusedFieldException {
        requireUnambiguous(object);
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            Rule rule = rules.get(name);
            if (value.isNull() || rule instanceof Elsewhere) {
                continue;
            }
            if (rule == null) {
                draft.dropped(path, name);
            } else if (rule instanceof Pass pass) {
                if (!pass.shape.absent(value)) {
                    draft.json().writeFieldName(name);
                    pass.shape.write(value, path(path, name), draft);
                }
            } else {
                draft.adjusted(path(path, name));
            }
        }
        requireComplete(object, path);
    }

    private void requireComplete(ObjectNode object, String path) throws RefusedFieldException {
        for (Map.Entry<String, Rule> rule : rules.entrySet()) {
            if (rule.getValue() instanceof Pass pass && pass.required && !object.hasNonNull(rule.getKey())) {
                throw RefusedFieldException.missing(path(path, rule.getKey()));
            }
        }
    }

    /**
     * Refuses keys that Go would take for one another: two that are equal after case folding, and one that is a listed field
     * only after it.
     */
    void requireUnambiguous(ObjectNode object) throws RefusedFieldException {
        if (!struct) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String name = entry.getKey();
            String fold = fold(name);
            if (!seen.add(fold) || (folded.contains(fold) && !rules.containsKey(name))) {
                throw RefusedFieldException.ambiguous();
            }
        }
    }

    /**
     * Folds as Go's {@code encoding/json} does, with Unicode's simple folding: the Kelvin sign is a k, the long s is an s, but
     * neither Turkish i is an i.
     */
    static String fold(String name) {
        StringBuilder fold = new StringBuilder(name.length());
        name.codePoints().forEach(c -> fold.appendCodePoint(foldCodePoint(c)));
        return fold.toString();
    }

    private static int foldCodePoint(int c) {
        boolean turkish = c == 0x130 || c == 0x131;
        return turkish ? c : Character.toLowerCase(Character.toUpperCase(c));
    }

    /** Collects rules. */
    static final class Builder {

        private final boolean struct;
        private final Map<String, Rule> rules = new LinkedHashMap<>();

        private Builder(boolean struct) {
            this.struct = struct;
        }

        Builder pass(String name, Shape shape) {
            rules.put(name, new Pass(shape, false));
            return this;
        }

        Builder require(String name, Shape shape) {
            rules.put(name, new Pass(shape, true));
            return this;
        }

        Builder strip(String... names) {
            for (String name : names) {
                rules.put(name, new Strip());
            }
            return this;
        }

        Builder elsewhere(String... names) {
            for (String name : names) {
                rules.put(name, new Elsewhere());
            }
            return this;
        }

        Fields build() {
            return new Fields(Map.copyOf(rules), struct);
        }
    }
}
