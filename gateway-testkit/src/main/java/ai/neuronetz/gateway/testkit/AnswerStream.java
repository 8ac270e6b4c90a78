package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.Generation.State;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;

/**
 * Writes the frames of one answer when they are due, each by a write of its own, and breaks off where the script says.
 *
 * <p>Holds no thread: it runs on the pacer for a frame that has to wait, and on the thread that completed the write
 * before it otherwise. The schedule is kept: a late frame does not make the ones after it later.
 */
final class AnswerStream extends IteratingCallback {
    private final Response response;
    private final Callback callback;
    private final EndPoint endPoint;
    private final Pacer pacer;
    private final LiveGeneration generation;
    private final Script script;
    private final Dialect dialect;
    private final List<Frame> frames;
    private final DisconnectWatch watch;

    // Only used inside process(), which never runs twice at a time.
    private int next;
    private long due;
    private boolean scheduled;
    private long sent;
    private boolean garbageSent;
    private boolean brokenOff;
    private boolean ended;

    AnswerStream(
            Request request,
            Response response,
            Callback callback,
            Pacer pacer,
            LiveGeneration generation,
            Script script,
            Dialect dialect,
            List<Frame> frames) {
        this.response = response;
        this.callback = callback;
        this.endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        this.pacer = pacer;
        this.generation = generation;
        this.script = script;
        this.dialect = dialect;
        this.frames = frames;
        this.due = System.nanoTime() + script.firstFrameAfter.toNanos();
        this.watch = DisconnectWatch.start(request, this::clientGone);
    }

    @Override
    protected Action process() {
        if (ended) {
            return Action.SUCCEEDED;
        }
        Script.Fault fault = script.fault;
        boolean faultDue = fault != null && fault.due(next, sent);
        if (fault != null && faultDue && fault.kind() == Script.Fault.Kind.STALL) {
            return Action.IDLE;
        }
        if (!scheduled && waits(faultDue)) {
            return Action.IDLE;
        }
        scheduled = false;
        if (fault != null && faultDue && breakOff(fault)) {
            return Action.SCHEDULED;
        }
        if (next == frames.size() || brokenOff) {
            return finish();
        }
        Frame frame = frames.get(next++);
        generation.frame(frame.tokens());
        write(upToFault(frame.text().get().getBytes(StandardCharsets.UTF_8)));
        return Action.SCHEDULED;
    }

    /** True if the next step is not due; it will be iterated when it is. */
    private boolean waits(boolean faultDue) {
        if (next == frames.size() || (faultDue && next > 0)) {
            return false;
        }
        if (next > 0 && frames.get(next).paced()) {
            due += script.pace.toNanos();
        }
        long wait = due - System.nanoTime();
        if (wait <= 0) {
            return false;
        }
        scheduled = true;
        pacer.after(wait, this::iterate);
        return true;
    }

    /** Does what the fault demands; true if that was a write. */
    private boolean breakOff(Script.Fault fault) {
        switch (fault.kind()) {
            case INVALID_JSON, INVALID_UTF8, OVERSIZED -> {
                if (!garbageSent) {
                    garbageSent = true;
                    write(Garbage.frame(fault, dialect));
                    return true;
                }
                return false;
            }
            case ERROR -> {
                if (!brokenOff) {
                    brokenOff = true;
                    String text = dialect.brokenOff(fault.text()).orElse("");
                    if (!text.isEmpty()) {
                        write(text.getBytes(StandardCharsets.UTF_8));
                        return true;
                    }
                }
            }
            case CUT -> brokenOff = true;
            case CLOSE, RESET -> {
                ended = true;
                generation.end(State.FAILED);
                watch.cancel();
                breakConnection(endPoint, fault.kind() == Script.Fault.Kind.RESET);
                // The write on the closed connection fails, and that ends the answer.
                write(new byte[] {' '});
                return true;
            }
            case STALL -> throw new IllegalStateException("does not come here");
        }
        return false;
    }

    private Action finish() {
        ended = true;
        watch.cancel();
        response.write(true, BufferUtil.EMPTY_BUFFER, this);
        return Action.SCHEDULED;
    }

    private void write(byte[] bytes) {
        sent += bytes.length;
        response.write(false, ByteBuffer.wrap(bytes), this);
    }

    /** A fault at a byte cuts the frame in which that byte is. */
    private byte[] upToFault(byte[] frame) {
        Script.Fault fault = script.fault;
        return fault != null && fault.inBytes() && fault.at() - sent < frame.length
                ? Arrays.copyOf(frame, (int) (fault.at() - sent))
                : frame;
    }

    static void breakConnection(EndPoint endPoint, boolean reset) {
        if (reset && endPoint.getTransport() instanceof SocketChannel channel) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                // It is closed already.
            }
        }
        endPoint.close();
    }

    private void clientGone() {
        generation.end(State.CANCELLED);
        // Fails a write that waits for the client to read.
        endPoint.close();
        abort(new EofException("client is gone"));
    }

    // Not onCompleted(Throwable), which Jetty 12.0 does not have.
    @Override
    protected void onCompleteSuccess() {
        watch.cancel();
        generation.end(brokenOff ? State.FAILED : State.COMPLETED);
        callback.succeeded();
    }

    @Override
    protected void onCompleteFailure(Throwable failure) {
        watch.cancel();
        generation.end(State.CANCELLED);
        callback.failed(failure);
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
