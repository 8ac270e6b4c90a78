package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;

/** The shapes of which the tables are made. */
final class Shapes {

    /** Text that becomes part of the prompt. */
    static final Shape TEXT = (value, path, draft) -> draft.text(string(value, path));

    /** Text that holds JSON, such as the arguments of a tool call at the OpenAI endpoints, or that Ollama prints into it. */
    static final Shape JSON_TEXT = (value, path, draft) -> draft.jsonText(string(value, path));

    static final Shape BOOLEAN = (value, path, draft) -> draft.json().writeBoolean(bool(value, path));

    /** An object that is passed through: a JSON schema, a tool's arguments. */
    static final Shape JSON_OBJECT = (value, path, draft) -> {
        require(value.isObject(), path);
        draft.tree(value);
    };

    /** Bytes in base64, in the alphabet and with the padding that Go demands. */
    static final Shape BASE64_IMAGE = (value, path, draft) -> {
        String text = string(value, path);
        require(base64(text, 0), path);
        draft.image(text);
    };

    /** An image inside a data URI. Addresses are refused: nothing is to be fetched on a tenant's behalf. */
    static final Shape DATA_URI = (value, path, draft) -> {
        String text = string(value, path);
        int comma = text.indexOf(',');
        require(
                comma > 0
                        && comma < 64
                        && Shapes.IMAGE_URI
                                .matcher(text.substring(0, comma + 1))
                                .matches(),
                path);
        require(base64(text, comma + 1), path);
        draft.image(text);
    };

    /** Stop sequences: a list, or a single one, which is written as a list. */
    static final Shape STOP = (value, path, draft) -> {
        draft.json().writeStartArray();
        if (value instanceof ArrayNode list) {
            require(list.size() <= Shapes.MAX_STOPS, path);
            for (JsonNode stop : list) {
                draft.json().writeString(string(stop, path));
            }
        } else {
            draft.json().writeString(string(value, path));
        }
        draft.json().writeEndArray();
    };

    /** Ollama's {@code format}: {@code "json"} or a schema; an empty string is as good as none. */
    static final Shape FORMAT = new Shape() {
        @Override
        public boolean absent(JsonNode value) {
            return value.isNull() || (value.isTextual() && value.textValue().isEmpty());
        }

        @Override
        public void write(JsonNode value, String path, RequestDraft draft) throws IOException, RefusedFieldException {
            either(oneOf("json"), JSON_OBJECT).write(value, path, draft);
        }
    };

    private static final Pattern IMAGE_URI = Pattern.compile("data:image/(?:png|jpe?g|webp);base64,");
    private static final int MAX_STOPS = 64;

    private Shapes() {}

    static Shape oneOf(String... values) {
        Set<String> accepted = Set.of(values);
        return (value, path, draft) -> {
            String text = string(value, path);
            require(accepted.contains(text), path);
            draft.json().writeString(text);
        };
    }

    /** A whole number, also if it is written with a fraction of zero. */
    static Shape integer(long min, long max) {
        return (value, path, draft) -> {
            double number = number(value, path);
            require(number == Math.rint(number) && number >= min && number <= max, path);
            draft.json().writeNumber(value.longValue());
        };
    }

    static Shape number(double min, double max) {
        return (value, path, draft) -> {
            double number = number(value, path);
            require(number >= min && number <= max, path);
            if (value.isIntegralNumber()) {
                draft.json().writeNumber(value.longValue());
            } else {
                draft.json().writeNumber(number);
            }
        };
    }

    static Shape list(Shape element) {
        return (value, path, draft) -> {
            if (!(value instanceof ArrayNode list)) {
                throw RefusedFieldException.invalid(path);
            }
            draft.json().writeStartArray();
            for (JsonNode each : list) {
                element.write(each, path, draft);
            }
            draft.json().writeEndArray();
        };
    }

    /** The first for a string, the second for anything else. */
    static Shape either(Shape string, Shape other) {
        return (value, path, draft) -> (value.isTextual() ? string : other).write(value, path, draft);
    }

    /** The first for a boolean, the second for anything else. */
    static Shape booleanOr(Shape other) {
        return (value, path, draft) -> (value.isBoolean() ? BOOLEAN : other).write(value, path, draft);
    }

    /** Counts as a message: templates write something around each. */
    static Shape message(Shape shape) {
        return (value, path, draft) -> {
            draft.message();
            shape.write(value, path, draft);
        };
    }

    /** An object whose {@code type} says which of several shapes it has. */
    static Shape typed(String type, Shape first, String otherType, Shape second) {
        return (value, path, draft) -> {
            String given =
                    value instanceof ObjectNode object ? object.path("type").asText("") : "";
            require(given.equals(type) || given.equals(otherType), Fields.path(path, "type"));
            (given.equals(type) ? first : second).write(value, path, draft);
        };
    }

    static void require(boolean accepted, String path) throws RefusedFieldException {
        if (!accepted) {
            throw RefusedFieldException.invalid(path);
        }
    }

    static boolean bool(JsonNode value, String path) throws RefusedFieldException {
        require(value.isBoolean(), path);
        return value.booleanValue();
    }

    private static String string(JsonNode value, String path) throws RefusedFieldException {
        require(value.isTextual(), path);
        return value.textValue();
    }

    private static double number(JsonNode value, String path) throws RefusedFieldException {
        require(value.isNumber(), path);
        return value.doubleValue();
    }

    private static boolean base64(String text, int from) {
        int end = text.length();
        if (end == from || (end - from) % 4 != 0) {
            return false;
        }
        for (int padding = 0; padding < 2 && text.charAt(end - 1) == '='; padding++) {
            end--;
        }
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            boolean digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!digit && c != '+' && c != '/') {
                return false;
            }
        }
        return true;
    }
}
