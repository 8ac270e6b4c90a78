package ai.neuronetz.gateway.bench;

import static ai.neuronetz.gateway.bench.UpstreamClientBenchmarkServer.FRAME_BYTES;
import static ai.neuronetz.gateway.bench.UpstreamClientBenchmarkServer.FRAME_STAMP_AT;
import static ai.neuronetz.gateway.bench.UpstreamClientBenchmarkServer.FRAME_STAMP_DIGITS;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reads the time stamps of one stream's frames; both processes read the same monotonic clock. */
final class FrameDelays implements MeasuredClient.Receiver {

    private final long[] delays;
    private final Consumer<FrameDelays> whenEnded;
    private int frames;
    private int offset;
    private long stamp;
    private @Nullable Throwable failure;

    FrameDelays(int expected, Consumer<FrameDelays> whenEnded) {
        this.delays = new long[expected];
        this.whenEnded = whenEnded;
    }

    @Override
    public boolean receive(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (offset >= FRAME_STAMP_AT && offset < FRAME_STAMP_AT + FRAME_STAMP_DIGITS) {
                stamp = 10 * stamp + (next - '0');
            }
            if (++offset == FRAME_BYTES) {
                delays[frames++] = System.nanoTime() - stamp;
                offset = 0;
                stamp = 0;
            }
        }
        return true;
    }

    @Override
    public void end(@Nullable Throwable newFailure) {
        failure = newFailure;
        whenEnded.accept(this);
    }

    boolean complete() {
        return failure == null && frames == delays.length && offset == 0;
    }

    LongStream nanos() {
        return LongStream.of(delays).limit(frames);
    }
}
