package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.Internal;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request says, in the order in which it says it, as text for people: each message under its role, such as
 * {@code [user]}.
 *
 * <p>Text that holds JSON, as the arguments of a tool call do, is read too, so that nothing in it is hidden by escapes. Left
 * out are images, ids, tools that are offered, and everything that is no content.
 */
@Internal
public final class PromptText {

    private static final List<String> CONTENT =
            List.of("system", "instructions", "messages", "input", "prompt", "suffix", "images");

    /** Members of messages that say nothing, or nothing that is text. */
    private static final Set<String> FORMAL = Set.of(
            "role",
            "type",
            "id",
            "index",
            "call_id",
            "tool_call_id",
            "tool_use_id",
            "detail",
            "signature",
            "encrypted_content",
            "is_error");

    private static final Set<String> IMAGES = Set.of("images", "image_url", "source");

    /** Members whose value needs no name. */
    private static final Set<String> PLAIN = Set.of(
            "content",
            "text",
            "system",
            "instructions",
            "messages",
            "input",
            "prompt",
            "suffix",
            "arguments",
            "output",
            "summary");

    private static final int MAX_JSON_IN_JSON = 4;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final int maxChars;
    private final StringBuilder text = new StringBuilder();
    private String heading = "";
    private boolean cut;

    private PromptText(int maxChars) {
        this.maxChars = maxChars;
    }

    /**
     * Reads a body that was written for Ollama.
     *
     * @param maxChars beyond which the text is cut
     */
    public static PromptText of(ByteBuffer upstreamBody, int maxChars) {
        byte[] bytes = new byte[upstreamBody.remaining()];
        upstreamBody.duplicate().get(bytes);
        PromptText prompt = new PromptText(maxChars);
        if (StrictJson.parse(bytes) instanceof StrictJson.Parsed parsed) {
            for (String name : CONTENT) {
                // An input of other dialects is a tool's.
                prompt.message(
                        name.equals("input") ? "content" : name, parsed.root().path(name), speaker(name));
            }
        }
        return prompt;
    }

    public String text() {
        return text.toString();
    }

    /** Whether there was more. */
    public boolean cut() {
        return cut;
    }

    private static String speaker(String name) {
        return switch (name) {
            case "system", "instructions" -> "system";
            case "suffix" -> name;
            default -> "user";
        };
    }

    private static String speaker(ObjectNode message, String otherwise) {
        String role = message.path("role").asText("");
        if (!role.isEmpty()) {
            return role;
        }
        return switch (message.path("type").asText("")) {
            case "function_call", "reasoning" -> "assistant";
            case "function_call_output" -> "tool";
            default -> otherwise;
        };
    }

    /** Reads a message or a part of one. */
    private void message(String name, JsonNode value, String speaker) {
        if (FORMAL.contains(name) || value.isMissingNode() || value.isNull()) {
            return;
        }
        if (IMAGES.contains(name)) {
            line(name, "(left out)", speaker);
        } else if (name.equals("arguments") || (name.equals("input") && value.isObject())) {
            data(name, value, speaker, 0);
        } else if (value.isArray()) {
            value.forEach(each -> message(name, each, speaker));
        } else if (value instanceof ObjectNode object) {
            String next = speaker(object, speaker);
            object.forEachEntry((member, inner) -> message(member, inner, next));
        } else {
            data(name, value, speaker, 0);
        }
    }

    /** Reads JSON whose members are not the dialect's. */
    private void data(String name, JsonNode value, String speaker, int depth) {
        if (value.isArray()) {
            value.forEach(each -> data(name, each, speaker, depth));
        } else if (value.isObject()) {
            value.forEachEntry((member, inner) -> data(member, inner, speaker, depth));
        } else {
            String said = value.asText();
            JsonNode inner = depth < MAX_JSON_IN_JSON ? json(said) : null;
            if (inner != null) {
                data(name, inner, speaker, depth + 1);
            } else {
                line(name, name.equals("arguments") ? JsonEscapes.decode(said) : said, speaker);
            }
        }
    }

    /** What the text holds if it is JSON with something escaped in it, else null. */
    private static @Nullable JsonNode json(String said) {
        boolean escapes = said.indexOf('\\') >= 0;
        if (!escapes
                || !(said.stripLeading().startsWith("{") || said.stripLeading().startsWith("["))) {
            return null;
        }
        try {
            JsonNode node = MAPPER.readTree(said);
            return node.isContainerNode() ? node : null;
        } catch (JsonProcessingException noJson) {
            return null;
        }
    }

    private void line(String name, String said, String speaker) {
        if (cut) {
            return;
        }
        if (!speaker.equals(heading)) {
            text.append(text.isEmpty() ? "[" : "\n\n[").append(speaker).append("]\n");
            heading = speaker;
        } else {
            text.append('\n');
        }
        if (!PLAIN.contains(name)) {
            text.append(name).append(": ");
        }
        text.append(said);
        if (text.length() > maxChars) {
            text.setLength(maxChars);
            cut = true;
        }
    }
}
