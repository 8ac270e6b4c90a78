package ai.neuronetz.gateway.upstream;

import org.apache.hc.core5.reactor.IOSession;

/** Lends the benchmark the session the gateway itself reads through. */
public final class PausableSessions {

    private PausableSessions() {}

    public static IOSession pausable(IOSession session) {
        return new PausableSession(session);
    }
}
