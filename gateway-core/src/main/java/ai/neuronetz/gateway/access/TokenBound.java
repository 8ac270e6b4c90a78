package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.ollama.UpstreamRequest;

/**
 * How many tokens an input can become at most.
 *
 * <p>Every token of a byte-level vocabulary covers at least one byte of the rendered prompt, so that bytes bound tokens. The
 * rendered prompt is longer than what was received: templates write something around each message, Go prints JSON with
 * up to six bytes for each that was received, and images are no text at all. Ollama's {@code num_ctx} bounds a prompt
 * without images as well, but it is not known here.
 *
 * @param perRequest tokens for what the template writes once, the model's own system prompt included; at least 0
 * @param perImage tokens for each image, at least 1; Ollama itself assumes 768, and large tiled ones cost a few thousand
 */
@Internal
public record TokenBound(long perRequest, long perImage) {

    private static final long PER_MESSAGE = 64;
    private static final long PER_JSON_BYTE = 6;

    public TokenBound {
        if (perRequest < 0 || perImage < 1) {
            throw new IllegalArgumentException(
                    "perRequest: " + perRequest + ", perImage: " + perImage + " (expected: >= 0, >= 1)");
        }
    }

    /** 256 for each request and 4096 for each image. */
    public static TokenBound standard() {
        return new TokenBound(256, 4096);
    }

    /** At least 1. */
    long of(UpstreamRequest.Size size) {
        return Math.max(
                1,
                size.textBytes()
                        + PER_JSON_BYTE * size.jsonBytes()
                        + PER_MESSAGE * size.messages()
                        + perImage * size.images()
                        + perRequest);
    }
}
