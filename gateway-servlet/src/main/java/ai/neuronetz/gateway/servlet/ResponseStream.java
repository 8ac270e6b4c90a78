package ai.neuronetz.gateway.servlet;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.ClientStream;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Carries the body of an answer to a client that may be slow, silent or gone.
 *
 * <p><b>Who touches what.</b> Any thread may ask for something: it sets a flag or a reference and then signals. The first
 * to signal runs {@link #drive}, all others return at once and leave it to go round again. So there is one thread at a time
 * that calls the container, there is no lock, and a callback that asks for the next write does not recurse.
 *
 * <p><b>When bytes are written.</b> They are written and flushed one after the other, each only if the container is ready;
 * when it is ready again after the flush, they are with the socket, and the caller hears so.
 */
final class ResponseStream implements ClientStream, WriteListener, Deadlines.Limited {

    private static final long NO_DEADLINE = 0;

    /** Bytes in an array, since the servlet API of this level takes nothing else. */
    private record Write(ByteBuffer bytes, Runnable onWritten) {}

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final AsyncContext async;
    private final Deadlines deadlines;
    private final long writeTimeoutNanos;
    private final Runnable onGone;

    // Asked for by any thread.
    private final AtomicInteger signals = new AtomicInteger();
    private final AtomicReference<@Nullable Write> next = new AtomicReference<>();
    private final AtomicBoolean goneSaid = new AtomicBoolean();
    private volatile boolean writable;
    private volatile boolean ending;
    private volatile boolean aborting;
    private volatile boolean left;
    private volatile boolean expired;
    private volatile boolean closed;
    private volatile long deadline = NO_DEADLINE;

    // Touched inside drive only, but for open.
    private volatile @Nullable ServletOutputStream output;
    private @Nullable Write writing;
    private boolean unflushed;
    private boolean flushed;

    ResponseStream(
            HttpServletRequest request,
            HttpServletResponse response,
            AsyncContext async,
            Deadlines deadlines,
            long writeTimeoutNanos,
            Runnable onGone) {
        this.request = request;
        this.response = response;
        this.async = async;
        this.deadlines = deadlines;
        this.writeTimeoutNanos = writeTimeoutNanos;
        this.onGone = onGone;
    }

    /**
     * Begins, with a head that is complete. To be called once, before anything else.
     *
     * @param flushHead sends the head before there is anything of the body
     */
    void open(boolean flushHead) throws IOException {
        ServletOutputStream stream = response.getOutputStream();
        output = stream;
        unflushed = flushHead;
        startClock();
        deadlines.watch(this);
        stream.setWriteListener(this);
    }

    @Override
    public void write(ByteBuffer bytes, Runnable onWritten) {
        ByteBuffer heap = bytes.duplicate();
        if (!bytes.hasArray()) {
            heap = ByteBuffer.allocate(bytes.remaining()).put(heap).flip();
        }
        Write write = new Write(heap, onWritten);
        if (!next.compareAndSet(null, write)) {
            if (left) {
                // Nobody will hear of the one before either.
                return;
            }
            throw new IllegalStateException("write: the one before has not been written yet");
        }
        signal();
    }

    @Override
    public void end() {
        ending = true;
        signal();
    }

    @Override
    public void abort() {
        aborting = true;
        signal();
    }

    @Override
    public void onWritePossible() {
        writable = true;
        signal();
    }

    /** Gives up an answer that another part of the host holds back or has begun. */
    void refuse() {
        expired = true;
        signal();
    }

    /** The container's word for a client that has left; the upstream's failures do not come here. */
    @Override
    public void onError(Throwable failure) {
        clientLeft();
    }

    void clientLeft() {
        left = true;
        signal();
    }

    /** The container has ended the exchange; nothing of it may be touched any more. */
    void completed() {
        left = true;
        if (!closed) {
            signal();
        }
    }

    @Override
    public void expireIfDue(long nanoTime) {
        long due = deadline;
        if (due != NO_DEADLINE && nanoTime - due >= 0) {
            expired = true;
            signal();
        }
    }

    private void signal() {
        if (signals.getAndIncrement() == 0) {
            int seen = 1;
            do {
                if (!closed) {
                    drive();
                }
                seen = signals.addAndGet(-seen);
            } while (seen != 0);
        }
    }

    private void drive() {
        try {
            while (!closed) {
                if (left) {
                    close();
                    async.complete();
                    sayGone();
                } else if (expired) {
                    cut();
                    sayGone();
                } else if (aborting && response.isCommitted()) {
                    cut();
                } else if (!writable || !advance()) {
                    return;
                }
            }
        } catch (IOException | RuntimeException e) {
            // The container found the client gone in the middle of a call.
            close();
            completeQuietly();
            sayGone();
        }
    }

    /**
     * Does the next thing in order; false if there is nothing to do before the next signal. From a write to the caller's hearing
     * of it nobody looks who left: with the last byte a client may leave, and has had the whole answer.
     */
    private boolean advance() throws IOException {
        ServletOutputStream stream = requireNonNull(output, "open was not called");
        if (!stream.isReady()) {
            return false;
        }
        if (unflushed || aborting) {
            // Without a head there is nothing that could be seen to break.
            unflushed = false;
            flushed = true;
            stream.flush();
            return aborting || advance();
        }
        if (flushed && !response.isCommitted()) {
            // The head is on its way by now, unless a filter's wrapper keeps the answer.
            expired = true;
            return true;
        }
        deadline = NO_DEADLINE;
        Write written = writing;
        if (written != null) {
            writing = null;
            runOnWritten(written);
            return true;
        }
        // Looked at first: the last write and the end may be asked for between two looks.
        boolean last = ending;
        Write write = next.getAndSet(null);
        if (write != null) {
            writing = write;
            unflushed = true;
            startClock();
            ByteBuffer bytes = write.bytes();
            stream.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            return advance();
        }
        if (last) {
            close();
            async.complete();
        }
        return false;
    }

    private void runOnWritten(Write written) {
        try {
            written.onWritten().run();
        } catch (RuntimeException | Error failure) {
            FailureLog.log(failure);
            aborting = true;
        }
    }

    /**
     * Ends the connection in the middle of the body. There is no portable way to ask for it. Jetty takes -1 for it; other
     * containers refuse to send an error after the head, and close the connection if a dispatch ends with an exception,
     * which the filter throws when it sees the attribute.
     */
    private void cut() {
        close();
        try {
            if (!response.isCommitted()) {
                refuseBare();
                async.complete();
                return;
            }
            response.sendError(-1);
        } catch (IllegalStateException refused) {
            request.setAttribute(CutRequest.CUT, true);
            async.dispatch();
            return;
        } catch (IOException alreadyBroken) {
            // As wanted.
        }
        completeQuietly();
    }

    /** Nothing was sent within the time limit, or a filter's wrapper holds everything back; so it goes past the wrappers. */
    private void refuseBare() {
        HttpServletResponse bare = response;
        boolean wrapped = false;
        while (bare instanceof HttpServletResponseWrapper wrapper
                && wrapper.getResponse() instanceof HttpServletResponse inner) {
            bare = inner;
            wrapped = true;
        }
        if (wrapped) {
            FailureLog.log(response.getClass().getName()
                    + " holds the answer back, which cannot be streamed through it; keep the"
                    + " gateway's paths out of the filter that wraps responses in it.");
        }
        bare.reset();
        bare.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        bare.setHeader("Connection", "close");
    }

    private void completeQuietly() {
        try {
            async.complete();
        } catch (RuntimeException alreadyEnded) {
            // The container was faster.
        }
    }

    private void close() {
        closed = true;
        next.set(null);
        writing = null;
        deadlines.forget(this);
    }

    private void sayGone() {
        if (goneSaid.compareAndSet(false, true)) {
            onGone.run();
        }
    }

    private void startClock() {
        long due = System.nanoTime() + writeTimeoutNanos;
        deadline = due == NO_DEADLINE ? 1 : due;
    }
}
