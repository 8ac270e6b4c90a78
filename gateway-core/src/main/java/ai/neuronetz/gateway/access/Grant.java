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
    private final long inputBound;
    private final int outputCap;
    private final List<String> adjusted;

    /**
     * @param endpoint an inference endpoint
     * @param model the operator's spelling
     * @param upstreamBody what Ollama will be sent, written from what was parsed and checked; not copied
     * @param streamed the client asked for a stream
     * @param usageWanted the client asked for OpenAI's usage chunk
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
            long inputBound,
            int outputCap,
            List<String> adjusted) {
        this.endpoint = requireNonNull(endpoint, "endpoint");
        this.model = requireNonNull(model, "model");
        this.upstreamBody = requireNonNull(upstreamBody, "upstreamBody");
        this.streamed = streamed;
        this.usageWanted = usageWanted;
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
