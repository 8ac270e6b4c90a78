package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object that Ollama decodes into a struct: which are passed on, and in what shape; which never reach
 * Ollama; which are read by a function of their own. What is not in the table is dropped.
 *
 * <p>Go matches keys without regard to case, so a key that equals a known one only after folding is an error: it would be
 * dropped here and read there. Immutable.
 */
final class Struct {

    private static final Pattern NAMEABLE = Pattern.compile("[A-Za-z0-9_.-]{1,40}");

    private final Map<String, Rule> rules;
    private final Set<String> folded = new TreeSet<>();

    private Struct(Map<String, Rule> rules) {
        this.rules = Map.copyOf(rules);
        rules.keySet().forEach(name -> folded.add(fold(name)));
    }

    static Builder builder() {
        return new Builder();
    }

    /**
     * Writes what may be passed on.
     *
     * @param path put before names in errors and in the list of what was dropped; empty at the top
     * @throws Unacceptable if a field is none that can be passed on or dropped
     */
    ObjectNode write(JsonNode object, String path, RequestNotes notes) {
        ObjectNode out = StrictJson.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            Rule rule = rules.get(name);
            if (rule == null) {
                if (folded.contains(fold(name))) {
                    throw Unacceptable.json();
                }
                notes.dropped(NAMEABLE.matcher(name).matches() ? path + name : path + "unknown");
            } else if (!field.getValue().isNull()) {
                rule.apply(out, name, field.getValue(), path, notes);
            }
        }
        return out;
    }

    /** Writes each object of an array. */
    ArrayNode writeEach(JsonNode array, String path, RequestNotes notes) {
        if (!Shape.each(array, Shape.OBJECT)) {
            throw Unacceptable.field(path);
        }
        ArrayNode out = StrictJson.MAPPER.createArrayNode();
        for (JsonNode element : array) {
            out.add(write(element, path + ".", notes));
        }
        return out;
    }

    /** As {@link #write}, for a value that may turn out to be no object. */
    ObjectNode writeObject(JsonNode value, String path, RequestNotes notes) {
        if (!value.isObject()) {
            throw Unacceptable.field(path);
        }
        return write(value, path + ".", notes);
    }

    /** Simple case folding, at least as coarse as Go's: it also folds the long s and the Kelvin sign. */
    static String fold(String name) {
        StringBuilder text = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            text.append(Character.toLowerCase(Character.toUpperCase(name.charAt(i))));
        }
        return text.toString();
    }

    /** What is done with a field. */
    @FunctionalInterface
    interface Rule {
        void apply(ObjectNode out, String name, JsonNode value, String path, RequestNotes notes);
    }

    /** Builds a {@link Struct}. */
    static final class Builder {

        private final Map<String, Rule> rules = new LinkedHashMap<>();

        /** Passed on as it is, if it has the shape. */
        Builder pass(Predicate<JsonNode> shape, String... names) {
            for (String each : names) {
                rules.put(each, (out, name, value, path, notes) -> {
                    if (!shape.test(value)) {
                        throw Unacceptable.field(path + name);
                    }
                    out.set(name, value);
                });
            }
            return this;
        }

        /** Known, and never passed on. */
        Builder strip(String... names) {
            for (String each : names) {
                rules.put(each, (out, name, value, path, notes) -> notes.dropped(path + name));
            }
            return this;
        }

        /** Passed on as the function writes it, or dropped if it returns null. */
        Builder read(String field, Reader reader) {
            rules.put(field, (out, name, value, path, notes) -> {
                JsonNode written = reader.read(value, path + name, notes);
                if (written != null) {
                    out.set(name, written);
                }
            });
            return this;
        }

        /** An array of objects, each read by the same struct. */
        Builder array(String field, Struct element) {
            return read(field, element::writeEach);
        }

        Struct build() {
            return new Struct(rules);
        }
    }

    /** Reads one field. */
    @FunctionalInterface
    interface Reader {
        @Nullable
        JsonNode read(JsonNode value, String path, RequestNotes notes);
    }
}
