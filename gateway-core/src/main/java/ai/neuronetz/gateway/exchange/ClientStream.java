package ai.neuronetz.gateway.exchange;

import java.nio.ByteBuffer;

/**
 * The streamed body of an answer. Writes go out one at a time and in order.
 *
 * <p>Evented: no method blocks. The next {@link #write} may be called only after the last one's callback has run.
 */
public interface ClientStream {

    /**
     * Writes and flushes.
     *
     * @param bytes handed over; not to be touched until {@code onWritten} runs
     * @param onWritten called once when the bytes have been handed to the socket; never called if the client has left,
     *     perhaps before this method returns
     */
    void write(ByteBuffer bytes, Runnable onWritten);

    /** Ends the body and the exchange. Idempotent; after the client left, does nothing. */
    void end();

    /** Cuts the connection so that the client sees a broken body. Idempotent. */
    void abort();
}
