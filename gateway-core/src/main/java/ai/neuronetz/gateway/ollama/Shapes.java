package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The shapes of which the tables are made. */
final class Shapes {

    /** Text that becomes part of the prompt. */
    static final Shape TEXT = (value, path, draft) -> draft.text(string(value, path));

    /** Text that holds JSON, such as the arguments of a tool call at the OpenAI endpoints, or that Ollama prints into it. */
    static final Shape JSON_TEXT = (value, path, draft) -> draft.jsonText(string(value, path));

    static final Shape BOOLEAN = (value, path, draft) -> draft.json().writeBoolean(bool(value, path));

    /** A function's name. Ollama repeats it wherever its result is, and before it a namespace's. */
    static final Shape NAME = (value, path, draft) -> {
        String name = string(value, path);
        require(Utf8.length(name) <= Shapes.MAX_NAME_BYTES, path);
        draft.jsonText(name);
    };

    /** The id of a call whose result follows; some models are told the function's name here, once or twice. */
    static final Shape CALL_ID = (value, path, draft) -> {
        draft.again(2L * Shapes.MAX_NAME_BYTES);
        draft.text(string(value, path));
    };

    /** An object that is passed through: the parameters or the arguments of a tool. */
    static final Shape JSON_OBJECT = (value, path, draft) -> {
        require(value.isObject(), path);
        draft.tree(value);
    };

    /** A JSON schema that the output has to meet. The engine compiles it into a grammar, so that its size is work. */
    static final Shape SCHEMA = (value, path, draft) -> {
        require(value.isObject(), path);
        draft.structured();
        require(draft.tree(value) <= Shapes.MAX_SCHEMA_BYTES, path);
    };

    /** Bytes in base64, in the alphabet and with the padding that Go demands. */
    static final Shape BASE64_IMAGE = (value, path, draft) -> {
        String text = string(value, path);
        require(base64(text, 0), path);
        require(draft.image(text) <= Shapes.MAX_IMAGES, path);
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
        require(draft.image(text) <= Shapes.MAX_IMAGES, path);
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
            draft.structured();
            either(oneOf("json"), SCHEMA).write(value, path, draft);
        }
    };

    private static final Pattern IMAGE_URI = Pattern.compile("data:image/(?:png|jpe?g|webp);base64,");
    /** As long as any of the dialects allows. */
    private static final int MAX_NAME_BYTES = 128;

    private static final int MAX_STOPS = 64;
    private static final int MAX_IMAGES = 16;
    private static final int MAX_SCHEMA_BYTES = 32 << 10;

    private Shapes() {}

    /** OpenAI's kinds of output, all but the first of which have a grammar. */
    static final Shape FORMAT_TYPE = (value, path, draft) -> {
        oneOf("text", "json_object", "json_schema").write(value, path, draft);
        if (!value.textValue().equals("text")) {
            draft.structured();
        }
    };

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

    /** One of some texts, or one that is written as another; that is noted. */
    static Shape oneOf(Set<String> values, String alias, String written) {
        return (value, path, draft) -> {
            String text = string(value, path);
            require(values.contains(text) || text.equals(alias), path);
            if (text.equals(alias)) {
                draft.adjusted(path);
            }
            draft.json().writeString(text.equals(alias) ? written : text);
        };
    }

    static Shape list(Shape element) {
        return list(element, Integer.MAX_VALUE);
    }

    static Shape list(Shape element, int most) {
        return (value, path, draft) -> {
            if (!(value instanceof ArrayNode list)) {
                throw RefusedFieldException.invalid(path);
            }
            require(list.size() <= most, path);
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

    /** Members of a namespace, whose name Ollama writes before each of theirs. */
    static Shape members(Shape member) {
        return list((value, path, draft) -> {
            draft.again(MAX_NAME_BYTES);
            member.write(value, path, draft);
        });
    }

    /** Counts as a message: templates write something around each. */
    static Shape message(Shape shape) {
        return (value, path, draft) -> {
            draft.message();
            shape.write(value, path, draft);
        };
    }

    /** An object whose {@code type} says which of several shapes it has; {@code ""} is for one that has none. */
    static Shape typed(Map<String, Shape> shapes) {
        return (value, path, draft) -> {
            Shape shape = shapes.get(type(value));
            if (shape == null) {
                throw RefusedFieldException.invalid(Fields.path(path, "type"));
            }
            shape.write(value, path, draft);
        };
    }

    /** A tool that the client will call itself. Ollama would run its own web search without being asked again, and uncounted. */
    static Shape tool(Shape shape) {
        return (value, path, draft) -> {
            if (type(value).startsWith("web_search")) {
                throw new RefusedFieldException(Denial.ofField(Reason.SERVER_TOOL_REFUSED, path));
            }
            message(shape).write(value, path, draft);
        };
    }

    private static String type(JsonNode value) {
        return value instanceof ObjectNode object ? object.path("type").asText("") : "";
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
