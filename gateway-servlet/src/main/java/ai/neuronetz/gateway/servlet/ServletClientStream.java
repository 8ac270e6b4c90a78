package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.ClientStream;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a client without holding a thread.
 *
 * <p><b>The rule of the Servlet API</b> is that after each operation {@code isReady} must be asked, and that if it says no
 * the container calls {@code onWritePossible} when it can go on. So there is one loop, {@link #drain}, in which one thread at
 * a time does what is next: write, flush, tell that it is done, complete. Whoever comes while it runs leaves word that there is
 * more to do. No lock is held while the container or the gateway is called.
 */
final class ServletClientStream implements ClientStream, WriteListener, Deadlines.Timed {

    private final AsyncContext async;
    private final Deadlines deadlines;
    private final Runnable onGone;

    private final Object lock = new Object();
    private @Nullable ServletOutputStream output;
    private boolean possible;
    private boolean draining;
    private boolean again;
    private @Nullable ByteBuffer bytes;
    private boolean unflushed;
    private @Nullable Runnable onWritten;
    private long writingSince;
    private boolean ending;
    private boolean closed;

    ServletClientStream(AsyncContext async, Deadlines deadlines, Runnable onGone) {
        this.async = async;
        this.deadlines = deadlines;
        this.onGone = onGone;
    }

    void start(ServletOutputStream output) {
        synchronized (lock) {
            this.output = output;
        }
        deadlines.add(this);
        output.setWriteListener(this);
    }

    @Override
    public void write(ByteBuffer more, Runnable whenWritten) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            if (onWritten != null || ending) {
                throw new IllegalStateException("a write is under way, or the stream has ended");
            }
            bytes = more;
            unflushed = true;
            onWritten = whenWritten;
            writingSince = System.nanoTime();
        }
        drain();
    }

    @Override
    public void end() {
        synchronized (lock) {
            ending = true;
        }
        drain();
    }

    @Override
    public void onWritePossible() {
        synchronized (lock) {
            possible = true;
        }
        drain();
    }

    /** The client is gone: nothing that is written arrives any more. */
    @Override
    public void onError(Throwable failure) {
        gone();
    }

    @Override
    public void expire(long nowNanos) {
        boolean stuck;
        synchronized (lock) {
            stuck = onWritten != null && nowNanos - writingSince > deadlines.writeNanos();
        }
        if (stuck) {
            gone();
        }
    }

    void gone() {
        if (close()) {
            onGone.run();
            complete();
        }
    }

    private void drain() {
        synchronized (lock) {
            again = true;
            if (draining || !possible) {
                return;
            }
            draining = true;
        }
        while (true) {
            boolean more;
            try {
                more = step();
            } catch (IOException | IllegalStateException e) {
                // What a container throws when the connection is gone, or the exchange has been taken from us.
                gone();
                more = false;
            }
            synchronized (lock) {
                if (!more && !again || closed) {
                    draining = false;
                    return;
                }
                again = false;
            }
        }
    }

    /** Does the next thing there is to do; returns whether there may be another one. */
    private boolean step() throws IOException {
        ServletOutputStream out;
        ByteBuffer next;
        Runnable written = null;
        boolean flush = false;
        synchronized (lock) {
            out = output;
            if (closed || out == null) {
                return false;
            }
        }
        if (!out.isReady()) {
            return false;
        }
        synchronized (lock) {
            next = bytes;
            bytes = null;
            if (next == null && unflushed) {
                flush = true;
                unflushed = false;
            } else if (next == null) {
                written = onWritten;
                onWritten = null;
            }
        }
        if (next != null) {
            write(out, next);
            return true;
        }
        if (flush) {
            out.flush();
            return true;
        }
        if (written != null) {
            written.run();
            return true;
        }
        return endIfAsked();
    }

    private boolean endIfAsked() {
        synchronized (lock) {
            if (!ending || onWritten != null) {
                return false;
            }
        }
        if (close()) {
            complete();
        }
        return false;
    }

    private static void write(ServletOutputStream out, ByteBuffer bytes) throws IOException {
        if (bytes.hasArray()) {
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } else {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            out.write(copy);
        }
    }

    /** Whether this was still open; it no longer is. */
    private boolean close() {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            closed = true;
            bytes = null;
            onWritten = null;
        }
        deadlines.remove(this);
        return true;
    }

    private void complete() {
        try {
            async.complete();
        } catch (IllegalStateException e) {
            // The container has completed it already, because the connection broke.
            return;
        }
    }
}
