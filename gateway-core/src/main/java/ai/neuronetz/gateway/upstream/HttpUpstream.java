package ai.neuronetz.gateway.upstream;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.metering.Reservation;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.bootstrap.AsyncRequesterBootstrap;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncRequester;
import org.apache.hc.core5.http.protocol.HttpProcessorBuilder;
import org.apache.hc.core5.http.protocol.RequestContent;
import org.apache.hc.core5.http.protocol.RequestTargetHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ollama over HTTP/1.1.
 *
 * <p>On the requester of Apache's HttpCore, which by construction follows no redirect, retries nothing, keeps no cookie and
 * decodes no content.
 */
final class HttpUpstream implements Upstream {

    private static final Logger LOG = LoggerFactory.getLogger(HttpUpstream.class);

    private static final Duration SWEEP = Duration.ofMillis(100);
    private static final Duration CONNECTION_LIFE = Duration.ofMinutes(1);
    private static final TimeValue SELECT_INTERVAL = TimeValue.ofMilliseconds(250);

    /** Several of these belong to a connection, of which there may be thousands. */
    private static final int READ_BUFFER = 8 * 1024;

    private final HttpHost host;
    private final Timeouts timeouts;
    private final HttpAsyncRequester client;
    private final Set<HttpCall> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer;
    private final ScheduledFuture<?> sweeps;
    private volatile boolean closed;

    HttpUpstream(URI ollama, int maxConnections, Timeouts timeouts) {
        this.host = new HttpHost(ollama.getScheme(), ollama.getHost(), ollama.getPort());
        this.timeouts = requireNonNull(timeouts, "timeouts");
        this.client = AsyncRequesterBootstrap.bootstrap()
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                .setMaxTotal(maxConnections)
                .setDefaultMaxPerRoute(maxConnections)
                .setTimeToLive(Timeout.of(CONNECTION_LIFE))
                .setHttpProcessor(HttpProcessorBuilder.create()
                        .addAll(new RequestContent(), new RequestTargetHost())
                        .build())
                .setHttp1Config(Http1Config.custom()
                        .setInitialWindowSize(HttpCall.WINDOW)
                        .setBufferSize(READ_BUFFER)
                        .build())
                .setIOReactorConfig(IOReactorConfig.custom()
                        .setTcpNoDelay(true)
                        .setSoKeepAlive(true)
                        .setSelectInterval(SELECT_INTERVAL)
                        .build())
                .setIOSessionDecorator(PausableSession::new)
                .setExceptionCallback(this::ioThreadFailed)
                .create();
        client.start();
        this.timer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "gateway-upstream-timeouts");
            thread.setDaemon(true);
            return thread;
        });
        sweeps = timer.scheduleWithFixedDelay(this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public UpstreamCall send(Reservation reservation, UpstreamReceiver receiver) {
        reservation.claim();
        HttpCall call = new HttpCall(host, reservation, requireNonNull(receiver, "receiver"), timeouts, open::remove);
        open.add(call);
        call.start(client);
        return call;
    }

    /** At the end the library trips over its own closed selectors; at any other time this is worth a look. */
    private void ioThreadFailed(Exception failure) {
        if (!closed) {
            LOG.error("an I/O thread of the upstream failed", failure);
        }
    }

    /** One clock for all calls: cheaper than a timer for each, and late by at most one sweep. */
    private void sweep() {
        long now = System.nanoTime();
        for (HttpCall call : open) {
            call.expire(now);
        }
    }

    @Override
    public void close() {
        closed = true;
        sweeps.cancel(false);
        timer.shutdownNow();
        open.forEach(HttpCall::cancel);
        client.close(CloseMode.IMMEDIATE);
    }
}
