package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.Reason;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one of Ollama's answers as it arrives, and says which bytes the client may have.
 *
 * <p>A frame whose keys are all known goes on as it is; one with other keys is written anew without them; an error, garbage or
 * a frame that is too long ends the answer, and nothing of it goes on. On the way the reader counts what is needed to charge
 * the request.
 *
 * <p>Pushed: {@link #feed} any number of times with bytes cut anywhere, then {@link #end} once. Not thread-safe. Does not
 * throw, whatever the bytes.
 */
@Internal
public abstract class AnswerReader {

    /** The longest line of a stream, in bytes; a longer one is a failure. */
    public static final int MAX_FRAME_BYTES = 1 << 20;

    /** The longest answer that is not a stream, in bytes; a longer one is a failure. */
    public static final int MAX_WHOLE_BYTES = 16 << 20;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    final FrameInspector inspector;
    private @Nullable Reason failure;
    private ByteSink ready = new ByteSink();

    AnswerReader(FrameInspector inspector) {
        this.inspector = inspector;
    }

    /**
     * A reader for the 200 answer to one request.
     *
     * @param usageWanted whether an OpenAI client asked for the usage chunk of its stream
     * @throws IllegalArgumentException if the endpoint is no inference endpoint
     */
    public static AnswerReader of(Endpoint endpoint, boolean streamed, boolean usageWanted) {
        FrameInspector inspector = switch (endpoint) {
            case CHAT -> OllamaFrames.chat();
            case GENERATE -> OllamaFrames.generate();
            case EMBED -> EmbeddingFrames.embed();
            case EMBEDDINGS -> EmbeddingFrames.embeddings();
            case OPENAI_EMBEDDINGS -> EmbeddingFrames.openAi();
            case CHAT_COMPLETIONS, COMPLETIONS -> new OpenAiFrames(streamed, !streamed || usageWanted);
            case RESPONSES -> new ResponsesFrames(streamed);
            case MESSAGES -> new AnthropicFrames(streamed);
            case ROOT, VERSION, TAGS, SHOW, MODELS, MODEL ->
                throw new IllegalArgumentException("endpoint: " + endpoint + " (expected: an inference endpoint)");
        };
        if (!streamed) {
            return new WholeAnswer(inspector);
        }
        return endpoint.dialect() == Dialect.OLLAMA
                ? new NdjsonAnswer(inspector)
                : new SseAnswer(inspector, inspector instanceof OpenAiFrames);
    }

    /** Has the text of the answer's sound frames put there as well, while they pass. */
    public final void capture(AnswerText text) {
        inspector.capture(text);
    }

    /**
     * Takes bytes of Ollama's answer.
     *
     * @return for the client, perhaps nothing: all frames that are complete now, in one buffer that is the caller's. If
     *     {@link #failure} is present afterwards, these are the good frames before it.
     */
    public final ByteBuffer feed(ByteBuffer bytes) {
        if (failure != null) {
            return NOTHING;
        }
        int length = bytes.remaining();
        if (bytes.hasArray()) {
            int from = bytes.arrayOffset() + bytes.position();
            bytes.position(bytes.limit());
            accept(bytes.array(), from, from + length);
        } else {
            byte[] copy = new byte[length];
            bytes.get(copy);
            accept(copy, 0, length);
        }
        return take();
    }

    /**
     * Says that Ollama's answer ended as its framing said it would.
     *
     * @return the last bytes for the client, perhaps nothing. An answer that is not {@linkplain #finished finished} now has
     *     failed, with {@link Reason#UPSTREAM_INCOMPLETE} if nothing else was wrong.
     */
    public final ByteBuffer end() {
        if (failure == null) {
            acceptEnd();
        }
        if (failure == null && !finished()) {
            fail(Reason.UPSTREAM_INCOMPLETE);
        }
        return take();
    }

    /** What was wrong with the answer; nothing more is forwarded then. */
    public final Optional<Reason> failure() {
        return Optional.ofNullable(failure);
    }

    /** Whether the dialect's terminator came, so that the answer is complete. */
    public final boolean finished() {
        return inspector.finished();
    }

    /** As reported, unchecked. */
    public final TokenCount inputTokens() {
        return inspector.inputTokens();
    }

    /** As reported, unchecked. */
    public final TokenCount outputTokens() {
        return inspector.outputTokens();
    }

    /** Frames that carried output. */
    public final long frames() {
        return inspector.frames();
    }

    /**
     * Bytes of output text in them, thoughts and tool calls included; and of a whole answer that could not be read as one,
     * because it was cut or is none, all bytes that came.
     */
    public final long outputBytes() {
        return inspector.outputBytes() + unreadBytes();
    }

    /** Thoughts that were seen: a frame each, which is a token at least, or where all came at once a byte, which is one at most. */
    public long thoughts() {
        return inspector.thoughtFrames();
    }

    /** Bytes that came and belong to no frame that was read. */
    long unreadBytes() {
        return 0;
    }

    abstract void accept(byte[] bytes, int from, int to);

    abstract void acceptEnd();

    /** Judges one frame and makes ready what may go on of it. */
    final void frame(byte[] bytes, int from, int to) {
        switch (inspector.inspect(bytes, from, to)) {
            case FORWARD -> {
                beginFrame(inspector.eventName());
                forwardFrame(bytes, from, to);
                endFrame();
            }
            case REWRITE -> {
                beginFrame(inspector.eventName());
                inspector.rewrite(bytes, from, to, ready);
                endFrame();
            }
            case HIDE -> {}
            case FAIL -> fail(Reason.UPSTREAM_ERROR);
        }
    }

    /** Writes what stands before a frame. */
    void beginFrame(String eventName) {}

    /** Writes what stands after a frame. */
    void endFrame() {}

    /** Makes a frame ready as it is. */
    void forwardFrame(byte[] bytes, int from, int to) {
        ready.append(bytes, from, to);
    }

    /** Makes the first bytes of an array ready, which is the client's from now on. */
    final void handOver(byte[] bytes, int size) {
        ready = new ByteSink(bytes, size);
    }

    final void forward(byte[] bytes) {
        ready.append(bytes);
    }

    final void terminate() {
        inspector.terminate();
    }

    final void fail(Reason reason) {
        failure = reason;
    }

    final boolean failed() {
        return failure != null;
    }

    /** Takes back what was to go to the client. */
    final void withdraw() {
        ready = new ByteSink();
    }

    private ByteBuffer take() {
        if (ready.size() == 0) {
            return NOTHING;
        }
        ByteBuffer taken = ready.buffer();
        ready = new ByteSink();
        return taken;
    }
}
