package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Notices at once that an HTTP/1.1 client went away, as Go's server does; Jetty by itself notices at the next write.
 *
 * <p>It does so by reading from the connection while the answer is under way, when Jetty does not. A client that sends
 * anything in that time, or closes only its sending side, is taken to be gone too: nothing that pipelines or
 * half-closes can use the mock. The watch must be {@link #cancel() cancelled} before the last byte of the answer is
 * written, for after that the client may rightly send its next request.
 */
final class DisconnectWatch implements Callback {
    private final AbstractEndPoint endPoint;
    private final Runnable gone;

    // Guarded by this.
    private boolean cancelled;

    private DisconnectWatch(AbstractEndPoint endPoint, Runnable gone) {
        this.endPoint = endPoint;
        this.gone = gone;
    }

    /** Starts watching; the request's body must have been read to its end. {@code gone} must not block. */
    static DisconnectWatch start(Request request, Runnable gone) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        DisconnectWatch watch = new DisconnectWatch((AbstractEndPoint) endPoint, gone);
        watch.register();
        return watch;
    }

    synchronized void cancel() {
        if (!cancelled) {
            cancelled = true;
            endPoint.getFillInterest().onFail(new EofException("no longer watched"));
        }
    }

    @Override
    public void succeeded() {
        synchronized (this) {
            if (cancelled) {
                return;
            }
            if (nothingToRead()) {
                register();
                return;
            }
            cancelled = true;
        }
        gone.run();
    }

    @Override
    public void failed(Throwable cause) {
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
        }
        gone.run();
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    private void register() {
        if (!endPoint.tryFillInterested(this)) {
            throw new IllegalStateException("somebody else reads from " + endPoint);
        }
    }

    private boolean nothingToRead() {
        try {
            // Not ByteBuffer.allocate: Jetty would take that for a full buffer.
            return endPoint.fill(BufferUtil.allocate(1)) == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
