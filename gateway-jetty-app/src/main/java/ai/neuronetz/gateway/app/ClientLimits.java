package ai.neuronetz.gateway.app;

import java.time.Duration;

/**
 * What clients may take, whoever they are: none of it is looked at by anything that knows keys.
 *
 * @param maxConnections open at once; more wait to be accepted until one closes
 * @param header how long a request's head may take to arrive, however steadily
 * @param body the same for its body
 * @param write how long a client may leave a write unread
 */
record ClientLimits(int maxConnections, Duration header, Duration body, Duration write) {

    /** How long a connection may be silent; what waits for an answer of the gateway is not. */
    Duration idle() {
        return body.compareTo(write) > 0 ? body : write;
    }
}
