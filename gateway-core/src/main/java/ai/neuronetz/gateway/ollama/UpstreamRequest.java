package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.Internal;
import java.util.List;

/**
 * A request for Ollama, written anew from a client's.
 *
 * <p>Immutable but for the body array, which is handed over. Not a record: the body is a prompt.
 */
@Internal
public final class UpstreamRequest {

    private final byte[] body;
    private final boolean streamed;
    private final boolean usageWanted;
    private final boolean structured;
    private final int outputCap;
    private final Size size;
    private final List<String> adjusted;

    UpstreamRequest(
            byte[] body,
            boolean streamed,
            boolean usageWanted,
            boolean structured,
            int outputCap,
            Size size,
            List<String> adjusted) {
        this.body = body;
        this.streamed = streamed;
        this.usageWanted = usageWanted;
        this.structured = structured;
        this.outputCap = outputCap;
        this.size = size;
        this.adjusted = adjusted;
    }

    /** One JSON object in UTF-8. */
    public byte[] body() {
        return body;
    }

    public boolean streamed() {
        return streamed;
    }

    /** The client asked for OpenAI's usage chunk. (Ollama is asked for it in every stream.) */
    public boolean usageWanted() {
        return usageWanted;
    }

    /** The output has to meet a grammar; Ollama then lets a model think first, in a generation of its own that it does not count. */
    public boolean structured() {
        return structured;
    }

    /** The output cap written in the body, in tokens; 0 only if nothing is generated. */
    public int outputCap() {
        return outputCap;
    }

    public Size size() {
        return size;
    }

    /** Names of fields that were dropped, stripped or clamped; safe in a header, at most 20. */
    public List<String> adjusted() {
        return adjusted;
    }

    /**
     * What of the request can become input tokens.
     *
     * @param textBytes UTF-8 bytes of text, written as JSON: contents, names of speakers
     * @param jsonBytes bytes that Ollama prints as JSON: schemas, tools with their descriptions, tool calls
     * @param messages messages, parts of messages, tool calls, tools and further texts
     * @param images images
     */
    public record Size(long textBytes, long jsonBytes, long messages, long images) {}
}
