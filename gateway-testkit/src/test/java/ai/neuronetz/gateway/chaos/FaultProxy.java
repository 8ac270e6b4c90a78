package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.testkit.Child;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on a loopback port of its own, in front of a server whose port may change.
 *
 * <p>It passes at first. Thread-safe; two threads per connection.
 */
final class FaultProxy implements AutoCloseable {

    private enum Mode {
        PASS,
        FREEZE,
        REFUSE
    }

    private final int port = Child.freePort();
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger answersToLose = new AtomicInteger();
    private volatile int target;

    // Guarded by this.
    private Mode mode = Mode.PASS;
    private boolean closed;
    private @Nullable ServerSocket listener;

    FaultProxy(int target) {
        this.target = target;
        listen();
    }

    int port() {
        return port;
    }

    /** Everything goes through, also what a freeze held back. */
    synchronized void pass() {
        answersToLose.set(0);
        mode = Mode.PASS;
        if (listener == null && !closed) {
            listen();
        }
        notifyAll();
    }

    /** Connections stay and new ones are taken, but nothing is forwarded in either direction. */
    synchronized void freeze() {
        pass();
        mode = Mode.FREEZE;
    }

    /** Nobody listens any more, and what was connected is reset. */
    synchronized void refuse() {
        mode = Mode.REFUSE;
        stopListening();
        reset();
        notifyAll();
    }

    /** Resets every connection; new ones are welcome. */
    void reset() {
        connections.forEach(ProxiedConnection::reset);
    }

    /**
     * The next time that anything is sent to the server, it arrives; but the answer does not, and the connection is reset
     * instead. Each call is good for one answer, until {@link #pass}.
     */
    void loseNextAnswer() {
        answersToLose.incrementAndGet();
    }

    /** Whether every answer that was to be lost has been. */
    boolean answersLost() {
        return answersToLose.get() == 0;
    }

    /** Sends new connections to another port of this machine, and resets the old ones. */
    void target(int port) {
        target = port;
        reset();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            refuse();
        }
    }

    /** Whether this connection's next answer is to be lost. */
    boolean takesLoss() {
        return answersToLose.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }

    /** Waits while the proxy is frozen. */
    synchronized void awaitThaw() throws InterruptedException {
        while (mode == Mode.FREEZE) {
            wait();
        }
    }

    void forget(ProxiedConnection connection) {
        connections.remove(connection);
    }

    private synchronized void listen() {
        try {
            ServerSocket opened = new ServerSocket();
            opened.setReuseAddress(true);
            opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 512);
            listener = opened;
            daemon("proxy-accept-" + port, () -> accept(opened));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void stopListening() {
        if (listener != null) {
            closeQuietly(listener);
            listener = null;
        }
    }

    private void accept(ServerSocket from) {
        while (true) {
            try {
                Socket client = from.accept();
                ProxiedConnection connection = new ProxiedConnection(this, client);
                connections.add(connection);
                if (from.isClosed()) {
                    connection.reset();
                } else {
                    daemon("proxy-to-server-" + port, () -> connection.run(target));
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // It is of no use any more either way.
            return;
        }
    }
}
