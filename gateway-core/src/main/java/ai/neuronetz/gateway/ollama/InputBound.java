package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/**
 * How many tokens a part of a request can become at most.
 *
 * <p>With byte-level vocabularies a token covers at least one byte of the rendered prompt, so tokens ≤ bytes. Rendering adds
 * to what was received: Go writes {@code <} as {@code \}{@code u003c}, six times as long, wherever it marshals JSON anew, and
 * a chat template adds its own text once and around each message.
 */
final class InputBound {

    /** The template's own text, and the model's own system prompt. */
    static final long TEMPLATE = 256;

    /** What a template puts around a message. */
    static final long MESSAGE = 64;

    /** An image, whatever its bytes: vision models turn one into a grid of some hundred to some thousand patches. */
    static final long IMAGE = 4096;

    private static final long MARSHALLED = 6;

    private InputBound() {}

    static long text(JsonNode text) {
        return text.textValue().getBytes(StandardCharsets.UTF_8).length;
    }

    static long marshalled(JsonNode json) {
        return MARSHALLED * StrictJson.write(json).length;
    }
}
