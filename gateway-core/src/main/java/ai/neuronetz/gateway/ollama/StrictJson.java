package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads a body that has exactly one meaning, or says that it has not.
 *
 * <p>Go's decoder and Java's read the same bytes differently in many places: a second key, a byte order mark, UTF-16, what
 * comes after the first value, half a surrogate pair. Each of them is invalid here, so that no such difference is left to use.
 */
final class StrictJson {

    static final int MAX_DEPTH = 100;
    static final int MAX_TOKENS = 100_000;
    static final int MAX_NUMBER_LENGTH = 32;

    /** What became of reading. */
    sealed interface Reading {}

    record Parsed(ObjectNode root) implements Reading {}

    record Invalid() implements Reading {}

    /**
     * Names are not kept in a symbol table, nor interned: clients choose them. Here as in all others, buffers are kept in a
     * pool and not in the threads, which are a host's and outlive the gateway.
     */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Invalid INVALID = new Invalid();

    private final JsonParser parser;
    private final boolean escapes;
    private int tokens;

    private StrictJson(JsonParser parser, boolean escapes) {
        this.parser = parser;
        this.escapes = escapes;
    }

    /** Reads one JSON object in UTF-8. Bounded by {@link #MAX_DEPTH} and {@link #MAX_TOKENS}; does not throw. */
    static Reading parse(byte[] body) {
        try {
            // Decoded first, and not by Jackson, which would take UTF-16 and UTF-32 as well.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            if (text.startsWith("\uFEFF")) {
                return INVALID;
            }
            try (JsonParser parser = FACTORY.createParser(text.toCharArray())) {
                return new StrictJson(parser, text.contains("\\u")).document();
            }
        } catch (IOException | InvalidJsonException malformed) {
            return INVALID;
        }
    }

    private Reading document() throws IOException, InvalidJsonException {
        if (next() != JsonToken.START_OBJECT) {
            return INVALID;
        }
        ObjectNode root = object();
        return parser.nextToken() == null ? new Parsed(root) : INVALID;
    }

    private JsonToken next() throws IOException, InvalidJsonException {
        JsonToken token = parser.nextToken();
        if (token == null || ++tokens > MAX_TOKENS) {
            throw new InvalidJsonException();
        }
        return token;
    }

    private ObjectNode object() throws IOException, InvalidJsonException {
        ObjectNode object = NODES.objectNode();
        while (next() != JsonToken.END_OBJECT) {
            String name = whole(parser.currentName());
            if (object.has(name)) {
                throw new InvalidJsonException();
            }
            object.set(name, value(next()));
        }
        return object;
    }

    private ArrayNode array() throws IOException, InvalidJsonException {
        ArrayNode array = NODES.arrayNode();
        for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
            array.add(value(token));
        }
        return array;
    }

    private JsonNode value(JsonToken token) throws IOException, InvalidJsonException {
        return switch (token) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_STRING -> NODES.textNode(whole(parser.getText()));
            case VALUE_NUMBER_INT -> integer();
            case VALUE_NUMBER_FLOAT -> fraction();
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            default -> throw new InvalidJsonException();
        };
    }

    private JsonNode integer() throws IOException {
        return switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            default -> NODES.numberNode(parser.getBigIntegerValue());
        };
    }

    private JsonNode fraction() throws IOException, InvalidJsonException {
        if (parser.getTextLength() > MAX_NUMBER_LENGTH) {
            throw new InvalidJsonException();
        }
        double number = parser.getDoubleValue();
        if (Double.isInfinite(number)) {
            throw new InvalidJsonException();
        }
        return NODES.numberNode(number);
    }

    /** Half a surrogate pair can only come from an escape: the decoder has refused all others. */
    private String whole(String text) throws InvalidJsonException {
        if (escapes) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else if (Character.isSurrogate(c)) {
                    throw new InvalidJsonException();
                }
            }
        }
        return text;
    }

    /** Leaves the recursion; never leaves this class. */
    private static final class InvalidJsonException extends Exception {

        private static final long serialVersionUID = 1L;

        InvalidJsonException() {
            super("invalid", null, false, false);
        }
    }
}
