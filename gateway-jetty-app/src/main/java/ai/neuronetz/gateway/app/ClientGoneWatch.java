package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.servlet.GatewayFilter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Notices a client that leaves while its answer is still awaited. By itself an HTTP/1.1 connection of Jetty reads nothing
 * while a request is handled, so it hears of the end of its peer from the next write only, which for a model that is being
 * loaded comes minutes later.
 *
 * <p>It stands between the connection and its socket, and keeps the one interest in reading that a socket can have: on
 * behalf of the connection when that wants to read, else on its own. In the latter case it reads ahead, at most
 * {@value #MAX_AHEAD} bytes, which the connection gets first when it next reads; a client that has sent more than that in
 * advance is not watched until then. The end of the client's output counts as its leaving.
 *
 * <p>Since every byte and every request passes here, it also knows since when a request's head has been arriving.
 */
final class ClientGoneWatch extends ForwardingEndPoint {

    static final int MAX_AHEAD = 16 * 1024;

    /** A connection factory whose requests carry {@link GatewayFilter#CLIENT_GONE}. */
    static HttpConnectionFactory connectionFactory(HttpConfiguration configuration) {
        configuration.addCustomizer((request, responseHeaders) -> {
            if (request.getConnectionMetaData().getConnection().getEndPoint() instanceof ClientGoneWatch watch) {
                request.setAttribute(GatewayFilter.CLIENT_GONE, watch.watch());
                request.addHttpStreamWrapper(stream -> watch.untilEnd(stream));
            }
            return request;
        });
        return new HttpConnectionFactory(configuration) {
            @Override
            public Connection newConnection(Connector connector, EndPoint endPoint) {
                return super.newConnection(connector, new ClientGoneWatch(endPoint, connector.getExecutor()));
            }
        };
    }

    private static final long IN_REQUEST = 0;
    private static final long BETWEEN_REQUESTS = 1;

    private final Executor executor;

    // When the head that is arriving began, by System.nanoTime(), or one of the constants above. The first is awaited
    // from
    // the start; a later one only from its first byte, because a connection may rest between requests.
    private final AtomicLong headSince = new AtomicLong(now());
    private final Callback readable = new Interest();

    // The lock is held over reads, which do not block, and never over a callback.
    private final Object lock = new Object();
    private @Nullable ByteBuffer ahead;
    private @Nullable IOException failure;
    private boolean ended;
    private boolean interested;
    private @Nullable Callback waiting;
    private CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();

    private ClientGoneWatch(EndPoint socket, Executor executor) {
        super(socket);
        this.executor = executor;
    }

    /** Begins to watch for one request. */
    private CompletionStage<@Nullable Void> watch() {
        CompletableFuture<@Nullable Void> stage = new CompletableFuture<>();
        boolean already;
        boolean ask;
        headSince.set(IN_REQUEST);
        synchronized (lock) {
            gone = stage;
            already = ended;
            ask = wantsInterest();
        }
        if (already) {
            stage.complete(null);
        } else if (ask) {
            socket.fillInterested(readable);
        }
        return stage;
    }

    private HttpStream untilEnd(HttpStream stream) {
        return new HttpStream.Wrapper(stream) {
            @Override
            public void succeeded() {
                // Before the connection looks for the next request, which happens in the call.
                headSince.set(BETWEEN_REQUESTS);
                super.succeeded();
            }
        };
    }

    /** Closes the connection if the head of its next request has been arriving for longer than the limit. */
    void closeIfHeadTakes(long limitNanos, long nanoTime) {
        long since = headSince.get();
        if (since != IN_REQUEST && since != BETWEEN_REQUESTS && nanoTime - since > limitNanos) {
            socket.close(new TimeoutException("The head of a request did not arrive in time."));
        }
    }

    private static long now() {
        // Neither of the constants.
        return System.nanoTime() | 2;
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        int length = fillFromSocketOrAhead(buffer);
        if (length > 0) {
            headSince.compareAndSet(BETWEEN_REQUESTS, now());
        }
        return length;
    }

    private int fillFromSocketOrAhead(ByteBuffer buffer) throws IOException {
        synchronized (lock) {
            ByteBuffer kept = ahead;
            if (kept != null) {
                int position = BufferUtil.flipToFill(buffer);
                int length = BufferUtil.put(kept, buffer);
                BufferUtil.flipToFlush(buffer, position);
                if (!kept.hasRemaining()) {
                    ahead = null;
                }
                return length;
            }
            if (failure != null) {
                throw failure;
            }
            return ended ? -1 : socket.fill(buffer);
        }
    }

    @Override
    public void fillInterested(Callback callback) {
        if (!tryFillInterested(callback)) {
            throw new ReadPendingException();
        }
    }

    @Override
    public boolean tryFillInterested(Callback callback) {
        boolean ready;
        boolean ask = false;
        synchronized (lock) {
            if (waiting != null) {
                return false;
            }
            ready = ahead != null || ended;
            if (!ready) {
                waiting = callback;
                ask = !interested;
                interested = true;
            }
        }
        if (ready) {
            // Not from here: the connection may be in the middle of something when it asks.
            executor.execute(callback::succeeded);
        } else if (ask) {
            socket.fillInterested(readable);
        }
        return true;
    }

    @Override
    public boolean isFillInterested() {
        synchronized (lock) {
            return waiting != null;
        }
    }

    private boolean wantsInterest() {
        ByteBuffer kept = ahead;
        boolean wants = !interested && !ended && (kept == null || kept.remaining() < MAX_AHEAD);
        interested |= wants;
        return wants;
    }

    private void readAhead() {
        CompletableFuture<@Nullable Void> stage;
        Callback connection = null;
        boolean left;
        boolean ask;
        synchronized (lock) {
            ByteBuffer kept = ahead;
            int before = kept == null ? 0 : kept.remaining();
            ByteBuffer more = BufferUtil.allocate(MAX_AHEAD - before);
            try {
                int length = socket.fill(more);
                if (length < 0) {
                    ended = true;
                } else if (length > 0) {
                    ByteBuffer both = ByteBuffer.allocate(before + length);
                    if (kept != null) {
                        both.put(kept);
                    }
                    ahead = both.put(more).flip();
                }
            } catch (IOException e) {
                failure = e;
                ended = true;
            }
            left = ended;
            stage = gone;
            ask = wantsInterest();
            if (ended || ahead != null) {
                // It may have begun to wait since the socket spoke; the socket will not speak of this again.
                connection = waiting;
                waiting = null;
            }
        }
        if (connection != null) {
            connection.succeeded();
        }
        if (left) {
            stage.complete(null);
        } else if (ask) {
            socket.fillInterested(readable);
        }
    }

    /** The socket's word that there is something to read, or never will be. */
    private final class Interest implements Callback {

        @Override
        public void succeeded() {
            Callback connection = take();
            if (connection != null) {
                connection.succeeded();
            } else {
                readAhead();
            }
        }

        @Override
        public void failed(Throwable cause) {
            Callback connection = take();
            if (connection != null) {
                connection.failed(cause);
            } else if (cause instanceof TimeoutException && socket.isOpen()) {
                // Nothing was read for a while, as is to be expected of a client that waits.
                readAhead();
            } else {
                CompletableFuture<@Nullable Void> stage;
                synchronized (lock) {
                    stage = gone;
                }
                stage.complete(null);
            }
        }

        private @Nullable Callback take() {
            synchronized (lock) {
                Callback connection = waiting;
                waiting = null;
                interested = false;
                return connection;
            }
        }
    }
}
