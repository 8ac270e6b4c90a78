package ai.neuronetz.gateway;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Frames that wait for the write under way. Not thread-safe. */
final class PendingFrames {

    private final Deque<Frames> waiting = new ArrayDeque<>();

    void add(ByteBuffer bytes, Runnable demand) {
        waiting.add(new Frames(bytes, demand));
    }

    /** All that waits, as one write: what a slow client missed need not be cut up for it. */
    @Nullable
    Frames take() {
        if (waiting.size() < 2) {
            return waiting.poll();
        }
        List<Frames> all = List.copyOf(waiting);
        waiting.clear();
        ByteBuffer bytes = ByteBuffer.allocate(
                all.stream().mapToInt(frames -> frames.bytes.remaining()).sum());
        all.forEach(frames -> bytes.put(frames.bytes));
        return new Frames(bytes.flip(), () -> all.forEach(frames -> frames.demand.run()));
    }

    /** @param demand to be run when the bytes have left */
    record Frames(ByteBuffer bytes, Runnable demand) {}
}
