package ai.neuronetz.gateway.upstream;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.metering.Reservation;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.async.MinimalHttpAsyncClient;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.config.H2Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Ollama over HTTP/1.1.
 *
 * <p>On the minimal form of Apache's asynchronous client, which by construction follows no redirect, retries nothing, keeps no
 * cookie and decodes no content.
 */
final class HttpUpstream implements Upstream {

    private static final Duration SWEEP = Duration.ofMillis(100);
    private static final Duration IDLE_CONNECTION_LIFE = Duration.ofSeconds(20);

    private final HttpHost host;
    private final Timeouts timeouts;
    private final MinimalHttpAsyncClient client;
    private final Set<HttpCall> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer;

    HttpUpstream(URI ollama, int maxConnections, Timeouts timeouts) {
        this.host = new HttpHost(ollama.getScheme(), ollama.getHost(), ollama.getPort());
        this.timeouts = requireNonNull(timeouts, "timeouts");
        var connections = PoolingAsyncClientConnectionManagerBuilder.create()
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                .setMaxConnTotal(maxConnections)
                .setMaxConnPerRoute(maxConnections)
                .setDefaultTlsConfig(TlsConfig.custom()
                        .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(timeouts.connect()))
                        .setSocketTimeout(Timeout.DISABLED)
                        .setIdleTimeout(Timeout.of(IDLE_CONNECTION_LIFE))
                        .build())
                .build();
        this.client = HttpAsyncClients.createMinimal(
                H2Config.DEFAULT,
                Http1Config.custom().setInitialWindowSize(HttpCall.WINDOW).build(),
                IOReactorConfig.custom()
                        .setTcpNoDelay(true)
                        .setSoKeepAlive(true)
                        .setSelectInterval(TimeValue.ofMilliseconds(250))
                        .build(),
                connections);
        client.start();
        this.timer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "gateway-upstream-timeouts");
            thread.setDaemon(true);
            return thread;
        });
        timer.scheduleWithFixedDelay(this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public UpstreamCall send(Reservation reservation, UpstreamReceiver receiver) {
        reservation.claim();
        HttpCall call =
                new HttpCall(host, reservation.grant(), requireNonNull(receiver, "receiver"), timeouts, open::remove);
        open.add(call);
        call.start(client);
        return call;
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
        timer.shutdownNow();
        open.forEach(HttpCall::cancel);
        client.close(CloseMode.IMMEDIATE);
    }
}
