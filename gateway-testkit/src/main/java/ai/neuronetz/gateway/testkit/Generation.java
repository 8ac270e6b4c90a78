package ai.neuronetz.gateway.testkit;

import java.util.List;
import java.util.OptionalLong;

/**
 * What the {@link MockOllama} did for one inference request, as it was at the moment of asking.
 *
 * @param model the model as the request spelled it
 * @param promptTokens what the prompt really has, whatever counts the answer was scripted to claim
 * @param generatedTokens in the frames handed to the connection so far
 * @param framesSent NDJSON lines or SSE events handed to the connection so far; whether the client got the last of them
 *     is not known
 * @param startNanos {@link System#nanoTime()} when the request was complete
 * @param endNanos when it left {@link State#RUNNING}
 * @param frameNanos {@link System#nanoTime()} just before each frame was handed to the connection
 */
public record Generation(
        ReceivedRequest request,
        String model,
        long promptTokens,
        long generatedTokens,
        int framesSent,
        State state,
        long startNanos,
        OptionalLong endNanos,
        List<Long> frameNanos) {
    public Generation {
        frameNanos = List.copyOf(frameNanos);
    }

    /** How far it came. */
    public enum State {
        /** The answer is not complete; a stalled one stays here until the client goes. */
        RUNNING,
        /** The whole answer was written. */
        COMPLETED,
        /** The client went away before that. */
        CANCELLED,
        /** It ended as scripted, by an error or a break. */
        FAILED
    }
}
