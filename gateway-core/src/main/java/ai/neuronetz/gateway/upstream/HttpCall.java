package ai.neuronetz.gateway.upstream;

import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.upstream.UpstreamReceiver.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.impl.BasicEntityDetails;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncRequester;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncClientEndpoint;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request at Ollama.
 *
 * <p>A connection is leased first and the request sent second, so that it is known for certain whether anything can have
 * left: what fails before is {@link Failure#UNREACHABLE}, what fails after is not.
 */
final class HttpCall implements UpstreamCall, AsyncClientExchangeHandler {

    private static final Logger LOG = LoggerFactory.getLogger(HttpCall.class);
    private static final ContentType JSON = ContentType.create("application/json");

    /** Bytes read ahead of the client at most. */
    static final int WINDOW = 16 * 1024;

    private enum Phase {
        CONNECTING,
        WAITING,
        READING,
        ENDED
    }

    private final HttpHost host;
    private final UUID requestId;
    private final Endpoint endpointCalled;
    private final ByteBuffer body;
    private final UpstreamReceiver receiver;
    private final Timeouts timeouts;
    private final Consumer<HttpCall> onEnded;
    private final long startNanos = System.nanoTime();

    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.CONNECTING);
    private volatile long progressNanos = startNanos;

    /** Bytes handed on and not yet out of the way. */
    private final AtomicInteger held = new AtomicInteger();

    /** Bytes out of the way, by which the window was not yet opened. */
    private final AtomicInteger credit = new AtomicInteger();

    private volatile @Nullable Future<?> connecting;
    private volatile @Nullable AsyncClientEndpoint endpoint;
    private volatile @Nullable CapacityChannel capacity;

    HttpCall(
            HttpHost host,
            Reservation reservation,
            UpstreamReceiver receiver,
            Timeouts timeouts,
            Consumer<HttpCall> onEnded) {
        this.host = host;
        this.requestId = reservation.requestId();
        this.endpointCalled = reservation.grant().endpoint();
        this.body = reservation.grant().upstreamBody();
        this.receiver = receiver;
        this.timeouts = timeouts;
        this.onEnded = onEnded;
    }

    void start(HttpAsyncRequester client) {
        try {
            connect(client);
        } catch (RuntimeException e) {
            // No connection, no byte: what the pool throws when it is closed is no other failure than what it reports.
            LOG.debug("no connection to Ollama could be asked for", e);
            fail(Failure.UNREACHABLE);
        }
    }

    private void connect(HttpAsyncRequester client) {
        // Without a time-out of the library's: it would go on to be the connection's own, and cut a model that loads.
        connecting = client.connect(host, Timeout.DISABLED, null, new FutureCallback<>() {
            @Override
            public void completed(AsyncClientEndpoint leased) {
                endpoint = leased;
                if (phase.compareAndSet(Phase.CONNECTING, Phase.WAITING)) {
                    progressNanos = System.nanoTime();
                    leased.execute(HttpCall.this, null, HttpCoreContext.create());
                } else {
                    leased.releaseAndReuse();
                }
            }

            @Override
            public void failed(Exception cause) {
                fail(Failure.UNREACHABLE);
            }

            @Override
            public void cancelled() {
                fail(Failure.UNREACHABLE);
            }
        });
    }

    /** Ends the call if one of its time-outs has passed. */
    void expire(long nowNanos) {
        Phase now = phase.get();
        long limit = switch (now) {
            case CONNECTING -> timeouts.connect().toNanos();
            case WAITING -> timeouts.firstByte().toNanos();
            // While the client is slow, it is not Ollama that is silent.
            case READING -> held.get() > 0 ? Long.MAX_VALUE : timeouts.idle().toNanos();
            case ENDED -> Long.MAX_VALUE;
        };
        boolean expired = nowNanos - progressNanos > limit
                || nowNanos - startNanos > timeouts.total().toNanos();
        if (now != Phase.ENDED && expired) {
            fail(now == Phase.CONNECTING ? Failure.UNREACHABLE : Failure.TIMEOUT);
        }
    }

    @Override
    public void cancel() {
        if (ended()) {
            discard();
        }
    }

    private void fail(Failure failure) {
        if (ended()) {
            discard();
            receiver.onFailure(failure);
        }
    }

    /** Whether this call was still open; it no longer is. */
    private boolean ended() {
        boolean first = phase.getAndSet(Phase.ENDED) != Phase.ENDED;
        if (first) {
            onEnded.accept(this);
        }
        return first;
    }

    /** Closes the connection, which is how Ollama learns that nobody waits any more. */
    private void discard() {
        Future<?> connect = connecting;
        if (connect != null) {
            connect.cancel(true);
        }
        AsyncClientEndpoint leased = endpoint;
        if (leased != null) {
            leased.releaseAndDiscard();
        }
    }

    // What the client library asks for.

    @Override
    public void produceRequest(RequestChannel channel, HttpContext context) throws HttpException, IOException {
        BasicHttpRequest request = new BasicHttpRequest(endpointCalled.method(), host, endpointCalled.path());
        request.setHeader(HttpHeaders.ACCEPT, "*/*");
        request.setHeader(HttpHeaders.USER_AGENT, "neuronetz-gateway");
        // So that a line in a log beside Ollama can be found in the audit.
        request.setHeader("X-Request-ID", requestId.toString());
        channel.sendRequest(request, new BasicEntityDetails(body.remaining(), JSON), context);
    }

    @Override
    public int available() {
        return body.remaining();
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
        channel.write(body);
        if (!body.hasRemaining()) {
            channel.endStream();
        }
    }

    @Override
    public void consumeInformation(HttpResponse response, HttpContext context) {
        // 1xx: Ollama sends none, and a client has no use for one.
    }

    @Override
    public void consumeResponse(HttpResponse response, @Nullable EntityDetails entity, HttpContext context) {
        if (!phase.compareAndSet(Phase.WAITING, Phase.READING)) {
            return;
        }
        progressNanos = System.nanoTime();
        String contentType = entity == null || entity.getContentType() == null ? "" : entity.getContentType();
        receiver.onHead(response.getCode(), contentType);
        if (entity == null) {
            complete();
        }
    }

    @Override
    public void updateCapacity(CapacityChannel channel) {
        capacity = channel;
        grant();
    }

    @Override
    public void consume(ByteBuffer bytes) {
        if (phase.get() != Phase.READING) {
            return;
        }
        progressNanos = System.nanoTime();
        int length = bytes.remaining();
        held.addAndGet(length);
        receiver.onBytes(bytes, () -> demand(length));
    }

    /** What was read is out of the way: the window may open again by as much. */
    private void demand(int length) {
        held.addAndGet(-length);
        credit.addAndGet(length);
        progressNanos = System.nanoTime();
        grant();
    }

    /** The library hands out its channel only when the first window is used up; credit waits for it. */
    private void grant() {
        CapacityChannel channel = capacity;
        if (channel == null || phase.get() != Phase.READING) {
            return;
        }
        int granted = credit.getAndSet(0);
        if (granted > 0) {
            try {
                channel.update(granted);
            } catch (IOException e) {
                fail(Failure.BROKEN);
            }
        }
    }

    @Override
    public void streamEnd(@Nullable List<? extends Header> trailers) {
        complete();
    }

    private void complete() {
        if (ended()) {
            AsyncClientEndpoint leased = endpoint;
            if (leased != null) {
                leased.releaseAndReuse();
            }
            receiver.onEnd();
        }
    }

    @Override
    public void failed(Exception cause) {
        LOG.debug("the connection to Ollama broke", cause);
        fail(Failure.BROKEN);
    }

    @Override
    public void releaseResources() {
        // The library lets go of the exchange; if it did so without an end, the connection broke.
        fail(Failure.BROKEN);
    }
}
