package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientStream;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.ollama.DialectErrors;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer to its client: the head with the first frames, one piece at a time and in order, and at last how it ended.
 *
 * <p><b>Threads.</b> Frames, the end and the client's callbacks may come at any moment. The lock guards the few fields below
 * and is never held across a call to the client's side.
 */
final class AnswerWriter {

    /** What a client must take of a whole answer within one write time-out. */
    static final int SLICE_BYTES = 64 * 1024;

    private final Exchange exchange;
    private final Reservation reservation;
    private final boolean streamed;
    private final Consumer<Runnable> guard;
    private final Runnable onGone;
    private volatile Answer head;

    private final Object lock = new Object();
    private @Nullable ClientStream stream;
    private boolean writing;
    private boolean finished;
    private final PendingFrames waiting = new PendingFrames();
    private @Nullable Runnable afterWrite;

    /**
     * @param guard runs what the client's callbacks lead to, and survives its failure
     * @param onGone told when the client has left a begun answer
     */
    AnswerWriter(Exchange exchange, Reservation reservation, Answer head, Consumer<Runnable> guard, Runnable onGone) {
        this.exchange = exchange;
        this.reservation = reservation;
        this.streamed = reservation.grant().streamed();
        this.head = head;
        this.guard = guard;
        this.onGone = onGone;
    }

    /** Whether the client has been sent the head. */
    boolean begun() {
        synchronized (lock) {
            return stream != null;
        }
    }

    /**
     * Writes frames, or lets them wait for the write under way; at most one upstream window can be waiting.
     *
     * @param demand run when they have left
     */
    void write(ByteBuffer frames, Runnable demand) {
        ClientStream out;
        synchronized (lock) {
            if (finished) {
                return;
            }
            if (writing) {
                waiting.add(frames, demand);
                return;
            }
            writing = true;
            out = stream;
        }
        if (out == null) {
            out = exchange.stream(head, onGone);
            synchronized (lock) {
                stream = out;
            }
        }
        out.write(frames, () -> guard.accept(() -> written(demand)));
    }

    private void written(Runnable demand) {
        PendingFrames.Frames next;
        Runnable last = null;
        ClientStream out;
        synchronized (lock) {
            next = waiting.take();
            writing = next != null;
            out = stream;
            if (next == null) {
                last = afterWrite;
                afterWrite = null;
            }
        }
        demand.run();
        if (next != null && out != null) {
            Runnable nextDemand = next.demand();
            out.write(next.bytes(), () -> guard.accept(() -> written(nextDemand)));
        } else if (last != null) {
            last.run();
        }
    }

    /**
     * Writes a whole answer in slices, each when the one before has left.
     *
     * @param onWritten run when the last has left
     */
    void writeWhole(ByteBuffer body, Runnable onWritten) {
        head = head.with("Content-Length", Integer.toString(body.remaining()));
        writeSlices(body, onWritten);
    }

    private void writeSlices(ByteBuffer body, Runnable onWritten) {
        if (!body.hasRemaining()) {
            onWritten.run();
            return;
        }
        ByteBuffer slice = body.slice(body.position(), Math.min(SLICE_BYTES, body.remaining()));
        body.position(body.position() + slice.remaining());
        write(slice, () -> writeSlices(body, onWritten));
    }

    /**
     * Takes no more frames, and says how the answer ended when those that wait have left. To be called once.
     *
     * @param error what the client is told, or null if the answer is complete
     * @param onFinished run when everything has been written; never if the client has left
     */
    void finish(@Nullable Reason error, Runnable onFinished) {
        Runnable last = () -> sayGoodbye(error, onFinished);
        synchronized (lock) {
            finished = true;
            if (writing && !abortable()) {
                afterWrite = last;
                return;
            }
        }
        last.run();
    }

    /** Of a whole answer under way nothing need be waited for: its client was promised a length, and sees it broken. */
    private boolean abortable() {
        return !streamed && stream != null;
    }

    /** Nothing is being written here, or nothing that has to reach the client. */
    private void sayGoodbye(@Nullable Reason error, Runnable onFinished) {
        ClientStream out;
        synchronized (lock) {
            out = stream;
        }
        if (out == null && error != null) {
            exchange.deny(Denial.of(error).with(reservation.headers()));
        } else if (out == null) {
            // A complete answer without a single frame for the client: an empty stream.
            exchange.stream(head, () -> {}).end();
        } else if (error == null) {
            out.end();
        } else if (!streamed) {
            out.abort();
        } else {
            byte[] frame = DialectErrors.frame(
                    reservation.grant().endpoint(), error, exchange.id().toString());
            out.write(ByteBuffer.wrap(frame), () -> {
                out.end();
                onFinished.run();
            });
            return;
        }
        onFinished.run();
    }

    /** Takes no more frames, and breaks off what was begun; where nothing was, the client is told the error. */
    void abort(Reason error) {
        ClientStream out;
        synchronized (lock) {
            finished = true;
            out = stream;
        }
        if (out == null) {
            exchange.deny(Denial.of(error).with(reservation.headers()));
        } else {
            out.abort();
        }
    }

    /** Takes no more frames: nobody is there to read them. */
    void drop() {
        synchronized (lock) {
            finished = true;
        }
    }
}
