package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.Generation.State;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A generation while it runs. Thread-safe. */
final class LiveGeneration {
    private final ReceivedRequest request;
    private final String model;
    private final long promptTokens;
    private final Runnable ended;

    // Guarded by this.
    private final List<Long> frameNanos = new ArrayList<>();
    private long generatedTokens;
    private State state = State.RUNNING;
    private OptionalLong endNanos = OptionalLong.empty();

    LiveGeneration(ReceivedRequest request, String model, long promptTokens, Runnable ended) {
        this.request = request;
        this.model = model;
        this.promptTokens = promptTokens;
        this.ended = ended;
    }

    synchronized void frame(int tokens) {
        frameNanos.add(System.nanoTime());
        generatedTokens += tokens;
    }

    synchronized int frames() {
        return frameNanos.size();
    }

    /** The first end counts: a connection that breaks because of a scripted fault is not a cancellation. */
    boolean end(State end) {
        synchronized (this) {
            if (state != State.RUNNING) {
                return false;
            }
            state = end;
            endNanos = OptionalLong.of(System.nanoTime());
        }
        ended.run();
        return true;
    }

    synchronized Generation snapshot() {
        return new Generation(
                request,
                model,
                promptTokens,
                generatedTokens,
                frameNanos.size(),
                state,
                request.receivedNanos(),
                endNanos,
                frameNanos);
    }
}
