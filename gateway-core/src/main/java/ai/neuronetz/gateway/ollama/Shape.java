package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.function.Predicate;

/** What a field's value must look like to be passed on. Null counts as absent everywhere and never comes here. */
final class Shape {

    static final Predicate<JsonNode> TEXT = JsonNode::isTextual;
    static final Predicate<JsonNode> FLAG = JsonNode::isBoolean;
    static final Predicate<JsonNode> OBJECT = JsonNode::isObject;

    /** Go reads such fields as float64. */
    static final Predicate<JsonNode> NUMBER = node -> node.isNumber() && Double.isFinite(node.doubleValue());

    /** Go's strict integer: no fraction, no exponent, within 64 bits. */
    static final Predicate<JsonNode> INTEGER = node -> node.isIntegralNumber() && node.canConvertToLong();

    static final Predicate<JsonNode> TEXTS = node -> each(node, TEXT);
    static final Predicate<JsonNode> TEXT_OR_TEXTS = TEXT.or(TEXTS);

    private Shape() {}

    static Predicate<JsonNode> integer(long min, long max) {
        return INTEGER.and(node -> node.longValue() >= min && node.longValue() <= max);
    }

    static Predicate<JsonNode> oneOf(String... values) {
        Set<String> allowed = Set.of(values);
        return node -> node.isTextual() && allowed.contains(node.textValue());
    }

    static boolean each(JsonNode node, Predicate<JsonNode> shape) {
        if (!node.isArray()) {
            return false;
        }
        for (JsonNode element : node) {
            if (!shape.test(element)) {
                return false;
            }
        }
        return true;
    }
}
