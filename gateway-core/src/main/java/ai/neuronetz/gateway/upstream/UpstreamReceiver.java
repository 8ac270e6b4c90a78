package ai.neuronetz.gateway.upstream;

import java.nio.ByteBuffer;

/**
 * Takes Ollama's answer: {@code onHead}, then any number of {@code onBytes}, then one of {@code onEnd} and
 * {@code onFailure}, which may also come first.
 *
 * <p>Implemented by the gateway, and called by an {@link Upstream} one call at a time; no method blocks or throws. A call out
 * of turn cuts the answer.
 */
public interface UpstreamReceiver {

    /**
     * @param contentType as sent, or empty
     */
    void onHead(int status, String contentType);

    /**
     * @param bytes valid during the call only
     * @param demand to be run once these bytes are out of the way; until then the upstream connection is read no further
     *     than one bounded buffer
     */
    void onBytes(ByteBuffer bytes, Runnable demand);

    /** The body ended as its framing said it would. */
    void onEnd();

    /** The call failed; nothing more comes. */
    void onFailure(Failure failure);

    /** What went wrong with Ollama, or on the way to it. */
    enum Failure {
        /** No connection; not a byte was sent. */
        UNREACHABLE,
        /** No answer, or none any more, within the time allowed. */
        TIMEOUT,
        /** The connection broke, or what came was no HTTP. */
        BROKEN
    }
}
