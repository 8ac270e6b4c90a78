package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** How many tokens an answer may have: what the client asked for, brought into the range allowed. */
final class OutputCap {

    private OutputCap() {}

    /**
     * The smallest of the values given, each brought into [1, max]; max if none is given.
     *
     * @param names the fields that may hold one
     * @param wholeOnly refuse 1e2 and 100.0, as Go's integers do
     */
    static int of(ObjectNode object, String parent, List<String> names, boolean wholeOnly, int max, RequestDraft draft)
            throws RefusedFieldException {
        int cap = max;
        for (String name : names) {
            JsonNode value = object.path(name);
            if (!value.isMissingNode() && !value.isNull()) {
                Shapes.require(wholeOnly ? value.isIntegralNumber() : value.isNumber(), Fields.path(parent, name));
                double number = value.doubleValue();
                cap = number >= 1 && number < cap ? (int) number : cap;
            }
        }
        for (String name : names) {
            JsonNode value = object.path(name);
            if (value.isNumber() && value.doubleValue() != cap) {
                draft.adjusted(Fields.path(parent, name));
            }
        }
        return cap;
    }
}
