package ai.neuronetz.gateway.ollama;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads Ollama's answer as it comes: hands on what the client may see, counts, and knows whether it is complete.
 *
 * <p>A chunk may be cut anywhere, in the middle of a character too. Only what is not yet a whole frame is kept. For one
 * exchange; fed by one thread at a time.
 */
public abstract class AnswerReader {

    static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    final FrameCounts counts = new FrameCounts();
    private boolean finished;
    private boolean failed;

    /**
     * A reader for an endpoint's answers.
     *
     * @param streamed the request asked for a stream
     * @param usageWanted the client asked for OpenAI's usage chunk
     */
    public static AnswerReader of(Endpoint endpoint, boolean streamed, boolean usageWanted) {
        FrameRules rules = FrameRules.of(endpoint, streamed, usageWanted);
        if (!streamed) {
            return new WholeAnswerReader(rules);
        }
        return endpoint.dialect() == Dialect.OLLAMA ? new NdjsonReader(rules) : new SseReader(rules);
    }

    /** The content type of what the client is sent. */
    public abstract String contentType();

    /** Whether an answer with this content type can be what was asked for. */
    public abstract boolean accepts(String upstreamContentType);

    /**
     * Takes in the next bytes.
     *
     * @return whole frames for the client, a buffer of its own; empty if there are none yet
     */
    public abstract ByteBuffer feed(ByteBuffer bytes);

    /** Takes in the end of the body; returns what is still for the client. */
    public abstract ByteBuffer end();

    /** Whether the dialect's terminator came, so that the answer is complete. */
    public final boolean finished() {
        return finished && !failed;
    }

    /** Whether an error, garbage, or an endless frame came. Nothing after it counts. */
    public final boolean failed() {
        return failed;
    }

    /** As reported in the last place that reports it; unchecked but a whole number of 64 bits. */
    public final @Nullable Long inputTokens() {
        return counts.inputTokens;
    }

    /** As {@link #inputTokens}. */
    public final @Nullable Long outputTokens() {
        return counts.outputTokens;
    }

    /** Frames that carried output. */
    public final long outputFrames() {
        return counts.frames;
    }

    /** Bytes of output text seen, in UTF-8. */
    public final long outputBytes() {
        return counts.bytes;
    }

    final void finish() {
        finished = true;
    }

    final void fail() {
        failed = true;
    }

    final boolean open() {
        return !finished && !failed;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
