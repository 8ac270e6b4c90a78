package ai.neuronetz.gateway.exchange;

import java.util.function.Consumer;

/**
 * One client's request and the way to answer it: where the path begins and ends. Implemented by the adapter of a server; an
 * embedder of the servlet filter needs none.
 *
 * <p>Its methods are called from any thread, I/O threads included, one at a time until the answer has begun; none of them
 * blocks. The pipeline calls {@link #readBody} at most once, and then exactly one of {@link #answer} and {@link #stream}.
 */
public interface ClientExchange {

    ClientRequest request();

    /**
     * Reads the body without holding a thread, and hands it on.
     *
     * @param maxBytes the longest body accepted, inclusive
     * @param receiver called once, on a thread that may block for the deciding stages' deadlines
     */
    void readBody(int maxBytes, Consumer<RequestBody> receiver);

    /** Sends a complete answer and ends the exchange. Does not block; a client that has left is ignored. */
    void answer(Answer answer);

    /**
     * Sends status and headers and opens a streamed body.
     *
     * @param head the body in it is ignored. With a Content-Length it may wait for the first bytes, and as many bytes as it
     *     says must be written, or the stream aborted
     * @param onGone called at most once, if the client is found to have left or to have stopped reading
     */
    ClientStream stream(Answer head, Runnable onGone);

    /**
     * Watches for a client that leaves before anything was answered; the exchange is over then and needs no answer.
     * Adapters that cannot see it do nothing.
     *
     * @param onGone called at most once
     */
    default void whenGone(Runnable onGone) {}
}
