package ai.neuronetz.gateway.bench;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The one thing every rival has to do: POST a small body and hand over the answer piece by piece, on demand. */
interface MeasuredClient extends AutoCloseable {

    /** Starts an exchange and returns at once, except for the blocking {@link SocketClient}. */
    Call post(String path, byte[] body, Receiver receiver);

    @Override
    void close();

    static MeasuredClient open(String name, int port, int maxConnections) {
        return switch (name) {
            case "apache" -> new ApacheClient(port, maxConnections);
            case "jetty" -> new JettyClient(port, maxConnections);
            case "jdk" -> new JdkClient(port);
            case "socket" -> new SocketClient(port);
            default ->
                throw new IllegalArgumentException("client: " + name + " (expected: apache, jetty, jdk or socket)");
        };
    }

    /** An exchange under way. */
    interface Call {
        void cancel();
    }

    /** Takes the body; called by one thread at a time, and the bytes are valid only during the call. */
    interface Receiver {
        /** Returns false to be given no more than cannot be helped: the back-pressure of a slow client. */
        boolean receive(ByteBuffer bytes);

        /** Called once, with null if the answer was complete and had status 200. */
        void end(@Nullable Throwable failure);
    }
}
