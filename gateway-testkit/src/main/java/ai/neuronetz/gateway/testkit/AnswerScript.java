package ai.neuronetz.gateway.testkit;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.testkit.Script.Claim;
import ai.neuronetz.gateway.testkit.Script.Fault;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The words in which answers of an Ollama are scripted; one script does for all dialects.
 *
 * <p>Each call changes how requests are answered that come from now on. Of two calls about one thing the later one counts;
 * in particular an answer has one fault at most. A frame is one NDJSON line or one SSE event. An answer that is not
 * streamed has no frames to count: a fault after some number of them takes effect on the whole. Thread-safe.
 *
 * @param <S> what the calls return: the script itself
 */
public abstract sealed class AnswerScript<S extends AnswerScript<S>>
        permits MockOllama, MockOllama.Rule, MockOllamaTransformer {

    AnswerScript() {}

    abstract S change(Consumer<Script> change);

    /** The text of the answer, one token a frame. */
    public S reply(String... tokens) {
        List<String> reply = List.of(tokens);
        return change(script -> script.reply = reply);
    }

    /** An answer of {@code count} tokens. */
    public S replyTokens(int count) {
        return change(script -> script.reply = Script.tokens(count));
    }

    /** Thinking before the text, one token a frame; it counts as generated. */
    public S thinking(String... tokens) {
        List<String> thinking = List.of(tokens);
        return change(script -> script.thinking = thinking);
    }

    /** Adds a tool call after the text; /api/generate and /v1/completions do not show it. */
    public S toolCall(String name, String argumentsJson) {
        return change(script -> script.addToolCall(name, argumentsJson));
    }

    /** The time from one token to the next, and from the last to the end. */
    public S pace(Duration pace) {
        requireNonNull(pace, "pace");
        return change(script -> script.pace = pace);
    }

    /** The same as {@link #pace}, said as a rate; more than 0. */
    public S tokensPerSecond(double rate) {
        if (!(rate > 0)) {
            throw new IllegalArgumentException("rate: " + rate + " (expected: > 0)");
        }
        return pace(Duration.ofNanos(Math.round(1e9 / rate)));
    }

    /** The time from the request to the first frame, or to a refusal; nothing is sent before, not even the status. */
    public S firstFrameAfter(Duration delay) {
        requireNonNull(delay, "delay");
        return change(script -> script.firstFrameAfter = delay);
    }

    /** Claims these token counts, whatever the truth is: zero, negative or huge as well. */
    public S counts(long input, long output) {
        return inputCount(input).outputCount(output);
    }

    /** Claims this count of input tokens. */
    public S inputCount(long claimed) {
        return change(script -> script.inputCount = Claim.of(claimed));
    }

    /** Claims this count of output tokens. */
    public S outputCount(long claimed) {
        return change(script -> script.outputCount = Claim.of(claimed));
    }

    /** Leaves both token counts out, or makes them 0 where the dialect always has them. */
    public S omitCounts() {
        return omitInputCount().omitOutputCount();
    }

    /** Leaves the count of input tokens out, or makes it 0 where the dialect always has it. */
    public S omitInputCount() {
        return change(script -> script.inputCount = Claim.OMITTED);
    }

    /** Leaves the count of output tokens out, or makes it 0 where the dialect always has it. */
    public S omitOutputCount() {
        return change(script -> script.outputCount = Claim.OMITTED);
    }

    /** Answers with this status and an error in the request's dialect instead. */
    public S fail(int status, String error) {
        requireNonNull(error, "error");
        return change(script -> script.refusal = new Script.Refusal(status, error));
    }

    /**
     * Breaks streams off after {@code frames} frames as Ollama does when its engine fails, with status 200 long sent: only
     * the native dialect shows the text. An answer that is not streamed becomes a 500.
     */
    public S failAfter(int frames, String error) {
        requireNonNull(error, "error");
        return fault(new Fault(Fault.Kind.ERROR, false, frames, error, 0));
    }

    /** Ends the HTTP body properly after {@code frames} frames, but without the frames that end an answer. */
    public S cutAfter(int frames) {
        return fault(Fault.afterFrames(Fault.Kind.CUT, frames));
    }

    /** Ends the HTTP body properly after {@code offset} bytes of it, perhaps in the middle of a frame. */
    public S cutAtByte(long offset) {
        return fault(Fault.atByte(Fault.Kind.CUT, offset));
    }

    /** Closes the connection (FIN) inside the HTTP body, after {@code frames} frames. */
    public S closeAfter(int frames) {
        return fault(Fault.afterFrames(Fault.Kind.CLOSE, frames));
    }

    /** Closes the connection (FIN) after {@code offset} bytes of the body; a shorter body comes whole. */
    public S closeAtByte(long offset) {
        return fault(Fault.atByte(Fault.Kind.CLOSE, offset));
    }

    /** Resets the connection (RST) inside the HTTP body, after {@code frames} frames; those on their way may be lost. */
    public S resetAfter(int frames) {
        return fault(Fault.afterFrames(Fault.Kind.RESET, frames));
    }

    /** Resets the connection (RST) after {@code offset} bytes of the body; a shorter body comes whole. */
    public S resetAtByte(long offset) {
        return fault(Fault.atByte(Fault.Kind.RESET, offset));
    }

    /** Sends nothing at all, not even a status, until the client goes away. */
    public S stall() {
        return stallAfter(0);
    }

    /** Sends nothing more after {@code frames} frames, until the client goes away. */
    public S stallAfter(int frames) {
        return fault(Fault.afterFrames(Fault.Kind.STALL, frames));
    }

    /** Sends nothing more after {@code offset} bytes of the body, until the client goes away. */
    public S stallAtByte(long offset) {
        return fault(Fault.atByte(Fault.Kind.STALL, offset));
    }

    /** Puts a frame that is no JSON after {@code frames} frames, which is not counted as a frame, and goes on. */
    public S garbageAfter(int frames) {
        return fault(Fault.afterFrames(Fault.Kind.INVALID_JSON, frames));
    }

    /** Puts a frame that is no UTF-8 after {@code frames} frames, and goes on. */
    public S invalidUtf8After(int frames) {
        return fault(Fault.afterFrames(Fault.Kind.INVALID_UTF8, frames));
    }

    /** Puts a frame with {@code bytes} bytes of text after {@code frames} frames, correct but for its size, and goes on. */
    public S oversizedFrameAfter(int frames, int bytes) {
        return fault(new Fault(Fault.Kind.OVERSIZED, false, frames, "", bytes));
    }

    /** Takes back a fault or a refusal: the answer is whole again. */
    public S sound() {
        return change(script -> {
            script.fault = null;
            script.refusal = null;
        });
    }

    private S fault(Fault fault) {
        return change(script -> script.fault = fault);
    }
}
