package ai.neuronetz.gateway.exchange;

import ai.neuronetz.gateway.Internal;

/**
 * A store did not answer, not in time, or not sensibly; whatever it was asked is unknown, and the request is denied.
 *
 * <p>The message is for the log and names no value of the request.
 */
@Internal
public final class StoreUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message) {
        super(message);
    }

    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
