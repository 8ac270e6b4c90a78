package ai.neuronetz.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Reads Ollama's answer to {@code /api/show} and writes one for clients from the fields that they may see.
 *
 * <p>Not among them: {@code modelfile}, which names files of the server and repeats the system prompt; {@code projector_info}
 * and {@code tensors}; and {@code remote_host} and {@code remote_model}.
 */
final class ShowAnswer {

    static final int MAX_BYTES = 256 << 10;

    /** Vocabularies are arrays, and have hundreds of thousands of elements. */
    private static final int MAX_ELEMENTS = 64;

    private static final int MAX_INFO_TEXT = 256;
    private static final int MAX_INFO_NAME = 128;
    private static final int MAX_INFO_ENTRIES = 256;

    private static final List<String> TEXTS = List.of("license", "parameters");
    private static final List<String> PROMPTS = List.of("template", "system");

    private ShowAnswer() {}

    /**
     * An answer for clients, of at most {@link #MAX_BYTES}: a longer one is left without licence, parameters, prompts, and
     * arrays.
     *
     * @param prompts whether the template, the system prompt and the example messages of the model are part of it
     * @throws IOException if it is no such answer, or too long all the same
     */
    static String sanitised(byte[] json, boolean prompts) throws IOException {
        if (!(DiscoveryAnswer.read(json) instanceof ObjectNode shown)
                || !shown.path("details").isObject()) {
            throw new IOException("the answer of /api/show has no details");
        }
        String whole = written(shown, true, prompts);
        String kept = fits(whole) ? whole : written(shown, false, false);
        if (!fits(kept)) {
            throw new IOException("the details are longer than " + MAX_BYTES + " bytes");
        }
        return kept;
    }

    /** What a listing knows already, for a model of another machine, which is not to be asked. */
    static String ofListing(String listing) {
        try {
            return written(DiscoveryAnswer.read(listing.getBytes(StandardCharsets.UTF_8)), false, false);
        } catch (IOException impossible) {
            throw new IllegalStateException("a listing is JSON", impossible);
        }
    }

    private static String written(JsonNode shown, boolean longFields, boolean prompts) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        if (longFields) {
            copyTexts(shown, TEXTS, answer);
        }
        if (prompts) {
            copyTexts(shown, PROMPTS, answer);
            copyMessages(shown.path("messages"), answer);
        }
        DiscoveryAnswer.copyDetails(shown, answer);
        copyInfo(shown.path("model_info"), longFields, answer.putObject("model_info"));
        DiscoveryAnswer.copyCapabilities(shown, answer);
        DiscoveryAnswer.copyScalar(shown, "modified_at", answer);
        return answer.toString();
    }

    private static void copyTexts(JsonNode shown, List<String> fields, ObjectNode answer) {
        for (String field : fields) {
            if (shown.path(field).isTextual()) {
                answer.set(field, shown.path(field));
            }
        }
    }

    private static void copyMessages(JsonNode messages, ObjectNode answer) {
        if (messages.isArray()) {
            ArrayNode copy = answer.putArray("messages");
            messages.forEach(message -> copyTexts(message, List.of("role", "content"), copy.addObject()));
        }
    }

    /** Paths of files where the model was made, and its template. */
    private static final List<String> HIDDEN_INFO = List.of("quantize.", "tokenizer.chat_template");

    private static void copyInfo(JsonNode info, boolean arrays, ObjectNode copy) {
        for (Map.Entry<String, JsonNode> entry : info.properties()) {
            JsonNode value = entry.getValue();
            boolean kept = value.isArray() ? arrays && shortScalars(value) : shortScalar(value);
            if (kept
                    && HIDDEN_INFO.stream().noneMatch(entry.getKey()::startsWith)
                    && entry.getKey().length() <= MAX_INFO_NAME
                    && copy.size() < MAX_INFO_ENTRIES) {
                copy.set(entry.getKey(), value);
            }
        }
    }

    private static boolean shortScalars(JsonNode array) {
        if (array.size() > MAX_ELEMENTS) {
            return false;
        }
        for (JsonNode value : array) {
            if (!shortScalar(value)) {
                return false;
            }
        }
        return true;
    }

    private static boolean shortScalar(JsonNode value) {
        return value.isNumber()
                || value.isBoolean()
                || (value.isTextual() && value.textValue().length() <= MAX_INFO_TEXT);
    }

    private static boolean fits(String json) {
        return json.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }
}
