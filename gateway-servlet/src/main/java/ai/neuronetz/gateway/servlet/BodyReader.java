package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.RequestBody;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Reads one body by events, up to its limits in length and time, and says once what became of it. */
final class BodyReader implements ReadListener, Deadlines.Limited {

    private static final int CHUNK = 4096;

    private final ServletInputStream input;
    private final long declared;
    private final int maxBytes;
    private final long deadline;
    private final Consumer<RequestBody> receiver;
    private final AtomicBoolean said = new AtomicBoolean();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private volatile boolean nothing;

    /**
     * @param declared the length the client announced, or -1
     * @param deadline by {@link System#nanoTime()}
     * @param receiver called once; must not block
     */
    BodyReader(ServletInputStream input, long declared, int maxBytes, long deadline, Consumer<RequestBody> receiver) {
        this.input = input;
        this.declared = declared;
        this.maxBytes = maxBytes;
        this.deadline = deadline;
        this.receiver = receiver;
    }

    @Override
    public void onDataAvailable() {
        byte[] chunk = new byte[CHUNK];
        try {
            while (!said.get() && input.isReady()) {
                int length = input.read(chunk);
                if (length < 0) {
                    complete();
                } else if (length > maxBytes - bytes.size()) {
                    say(new RequestBody.TooLarge());
                } else {
                    bytes.write(chunk, 0, length);
                }
            }
        } catch (IOException | RuntimeException e) {
            // Whatever is wrong with the framing shows as an exception here, a different one in each container.
            say(new RequestBody.Broken());
        }
    }

    @Override
    public void onAllDataRead() {
        complete();
    }

    @Override
    public void onError(Throwable failure) {
        say(new RequestBody.Broken());
    }

    @Override
    public void expireIfDue(long nanoTime) {
        if (nanoTime - deadline >= 0) {
            say(new RequestBody.Broken());
        }
    }

    /** Whether a body that was announced turned out to be empty. */
    boolean foundNothing() {
        return nothing;
    }

    /** Says nothing any more. */
    void cancel() {
        said.set(true);
    }

    private void complete() {
        nothing = bytes.size() == 0;
        boolean whole = declared < 0 || declared == bytes.size();
        say(whole ? new RequestBody.Complete(bytes.toByteArray()) : new RequestBody.Broken());
    }

    private void say(RequestBody body) {
        if (said.compareAndSet(false, true)) {
            receiver.accept(body);
        }
    }
}
