package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.RequestBody;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Reads a body as it comes, up to a limit and a deadline, without holding a thread. */
final class BodyReader implements ReadListener, Deadlines.Timed {

    private static final int CHUNK = 8192;

    private final ServletInputStream input;
    private final int maxBytes;
    private final Consumer<RequestBody> receiver;
    private final Deadlines deadlines;
    private final long startNanos = System.nanoTime();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(1024);
    private final AtomicBoolean done = new AtomicBoolean();

    BodyReader(ServletInputStream input, int maxBytes, Consumer<RequestBody> receiver, Deadlines deadlines) {
        this.input = input;
        this.maxBytes = maxBytes;
        this.receiver = receiver;
        this.deadlines = deadlines;
    }

    void start() {
        deadlines.add(this);
        input.setReadListener(this);
    }

    @Override
    public void onDataAvailable() throws IOException {
        byte[] chunk = new byte[CHUNK];
        while (!done.get() && input.isReady() && !input.isFinished()) {
            int read = input.read(chunk);
            if (read > 0) {
                if (body.size() + read > maxBytes) {
                    deliver(new RequestBody.TooLarge());
                    return;
                }
                body.write(chunk, 0, read);
            }
        }
    }

    @Override
    public void onAllDataRead() {
        deliver(new RequestBody.Complete(body.toByteArray()));
    }

    @Override
    public void onError(Throwable failure) {
        deliver(new RequestBody.Broken());
    }

    @Override
    public void expire(long nowNanos) {
        if (nowNanos - startNanos > deadlines.bodyNanos()) {
            deliver(new RequestBody.Broken());
        }
    }

    private void deliver(RequestBody read) {
        if (done.compareAndSet(false, true)) {
            deadlines.remove(this);
            receiver.accept(read);
        }
    }
}
