package ai.neuronetz.gateway.access;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ollama.Endpoint;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a principal was permitted: one request to one endpoint of Ollama, its body written anew.
 *
 * <p>Immutable. Not a record: its body is a prompt, which has no place in a log.
 */
public final class Grant {

    private final Endpoint endpoint;
    private final String model;
    private final byte[] upstreamBody;
    private final boolean streamed;
    private final boolean usageWanted;
    private final boolean structured;
    private final long inputBound;
    private final int outputCap;
    private final List<String> adjusted;

    /**
     * @param endpoint an inference endpoint
     * @param model the operator's spelling
     * @param upstreamBody what Ollama will be sent, written from what was parsed and checked; not copied
     * @param streamed the client asked for a stream
     * @param usageWanted the client asked for OpenAI's usage chunk
     * @param structured the output has to meet a grammar
     * @param inputBound tokens the input can become at most; at least 1
     * @param outputCap tokens the output is capped at, as written in the body; 0 only if nothing is generated
     * @param adjusted names of the fields that were dropped, stripped or clamped, in order
     */
    public Grant(
            Endpoint endpoint,
            String model,
            byte[] upstreamBody,
            boolean streamed,
            boolean usageWanted,
            boolean structured,
            long inputBound,
            int outputCap,
            List<String> adjusted) {
        this.endpoint = requireNonNull(endpoint, "endpoint");
        this.model = requireNonNull(model, "model");
        this.upstreamBody = requireNonNull(upstreamBody, "upstreamBody");
        this.streamed = streamed;
        this.usageWanted = usageWanted;
        this.structured = structured;
        this.inputBound = requireAtLeast(1, "inputBound", inputBound);
        this.outputCap = (int) requireAtLeast(0, "outputCap", outputCap);
        this.adjusted = List.copyOf(adjusted);
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public String model() {
        return model;
    }

    /** A read-only view. */
    public ByteBuffer upstreamBody() {
        return ByteBuffer.wrap(upstreamBody).asReadOnlyBuffer();
    }

    public boolean streamed() {
        return streamed;
    }

    public boolean usageWanted() {
        return usageWanted;
    }

    /** Ollama then lets a model think first, in a generation of its own, which it does not count. */
    public boolean structured() {
        return structured;
    }

    public long inputBound() {
        return inputBound;
    }

    public int outputCap() {
        return outputCap;
    }

    public List<String> adjusted() {
        return adjusted;
    }

    @Override
    public String toString() {
        return "Grant[" + endpoint + " " + model + "]";
    }

    private static long requireAtLeast(long least, String name, long value) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
        return value;
    }
}
