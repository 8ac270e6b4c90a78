package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.testkit.Generation;
import ai.neuronetz.gateway.testkit.MockOllama;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the model server really did.
 *
 * @param generations each request that it began to answer
 * @param anonymous requests that came without a request id
 */
record GroundTruth(List<Work> generations, long anonymous) {

    /**
     * The work for one request. Times are {@link System#nanoTime()}.
     *
     * @param endNanos of the last frame, or of the request if there was none: what comes after is the closing of connections
     * @param tokens what it cost, and when
     * @param cancelled its client, the gateway, went away before the end
     * @param receivedAt the start by the wall clock, which PostgreSQL on the same machine shares
     */
    record Work(
            UUID requestId,
            long startNanos,
            long endNanos,
            List<Peak.Event> tokens,
            boolean cancelled,
            Instant receivedAt) {

        long total() {
            return tokens.stream().mapToLong(Peak.Event::amount).sum();
        }

        /** The end by the wall clock. */
        Instant endedAt() {
            return receivedAt.plusNanos(endNanos - startNanos);
        }
    }

    static GroundTruth of(MockOllama ollama) {
        List<Work> generations = new ArrayList<>();
        for (Generation generation : ollama.generations()) {
            UUID id = requestId(generation);
            if (id != null) {
                generations.add(work(id, generation));
            }
        }
        long anonymous = ollama.inferenceRequests().stream()
                .filter(request -> request.header("x-request-id").isEmpty())
                .count();
        return new GroundTruth(generations, anonymous);
    }

    private static @Nullable UUID requestId(Generation generation) {
        return generation.request().header("x-request-id").map(UUID::fromString).orElse(null);
    }

    private static Work work(UUID id, Generation generation) {
        long start = generation.startNanos();
        List<Long> frames = generation.frameNanos();
        long end = frames.isEmpty() ? start : frames.get(frames.size() - 1);
        return new Work(
                id,
                start,
                end,
                Stream.concat(
                                Stream.of(new Peak.Event(start, generation.promptTokens(), id)),
                                generated(id, generation).stream())
                        .toList(),
                generation.state() == Generation.State.CANCELLED,
                generation.request().receivedAt());
    }

    /** One token a frame, the first ones first; what a whole answer holds came with its last frame. */
    private static List<Peak.Event> generated(UUID id, Generation generation) {
        List<Peak.Event> tokens = new ArrayList<>();
        List<Long> frames = generation.frameNanos();
        long left = generation.generatedTokens();
        for (int i = 0; i < frames.size() && left > 0; i++) {
            long amount = i == frames.size() - 1 ? left : 1;
            tokens.add(new Peak.Event(frames.get(i), amount, id));
            left -= amount;
        }
        return tokens;
    }
}
