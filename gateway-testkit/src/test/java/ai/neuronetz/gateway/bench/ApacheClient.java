package ai.neuronetz.gateway.bench;

import ai.neuronetz.gateway.upstream.PausableSessions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.async.methods.AbstractBinResponseConsumer;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.nio.support.AsyncRequestBuilder;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** Apache HttpClient's asynchronous client with everything switched off that a relay must not do by itself. */
final class ApacheClient implements MeasuredClient {

    private static final int WINDOW = 16 * 1024;

    private final CloseableHttpAsyncClient client;
    private final HttpHost host;

    ApacheClient(int port, int maxConnections) {
        host = new HttpHost("http", "127.0.0.1", port);
        client = HttpAsyncClients.custom()
                .setConnectionManager(PoolingAsyncClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(maxConnections)
                        .setMaxConnPerRoute(maxConnections)
                        .setDefaultTlsConfig(TlsConfig.custom()
                                .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(Timeout.DISABLED)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                // By default 64 KiB are read before anybody is asked, and a connection has several buffers of 32 KiB.
                .setHttp1Config(Http1Config.custom()
                        .setInitialWindowSize(WINDOW)
                        .setBufferSize(8 * 1024)
                        .build())
                .setIoSessionDecorator(PausableSessions::pausable)
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableConnectionState()
                .disableContentCompression()
                .addExecInterceptorLast("cancel", (request, entity, scope, chain, callback) -> {
                    ((Context) scope.clientContext).runtime = scope.execRuntime;
                    chain.proceed(request, entity, scope, callback);
                })
                .build();
        client.start();
    }

    @Override
    public Call post(String path, byte[] body, Receiver receiver) {
        var request = AsyncRequestBuilder.post()
                .setHttpHost(host)
                .setPath(path)
                .setEntity(body, ContentType.APPLICATION_JSON)
                .build();
        var context = new Context();
        Future<?> future = client.execute(request, new Consumer(receiver), context, new FutureCallback<Integer>() {
            @Override
            public void completed(Integer status) {
                receiver.end(status == 200 ? null : new IOException("status " + status));
            }

            @Override
            public void failed(Exception failure) {
                receiver.end(failure);
            }

            @Override
            public void cancelled() {
                receiver.end(new CancellationException());
            }
        });
        return () -> {
            future.cancel(true);
            context.disconnect();
        };
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }

    /**
     * Cancels what {@link Future#cancel} does not: in 5.6.5 the lease of a pooled connection, which is there at once,
     * replaces the exchange as the thing to cancel, and the answer is read to its end with nobody listening.
     */
    private static final class Context extends HttpClientContext {

        private volatile @Nullable AsyncExecRuntime runtime;

        void disconnect() {
            var current = runtime;
            if (current != null) {
                current.discardEndpoint();
            }
        }
    }

    /** Renews the capacity as the relay would: a window at a time, after what came before was taken. */
    private static final class Consumer extends AbstractBinResponseConsumer<Integer> {

        private final Receiver receiver;
        private int status;
        private boolean more = true;

        Consumer(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        protected void start(HttpResponse response, @Nullable ContentType contentType) {
            status = response.getCode();
        }

        @Override
        protected int capacityIncrement() {
            return more ? WINDOW : 0;
        }

        @Override
        protected void data(ByteBuffer bytes, boolean endOfStream) {
            more = receiver.receive(bytes);
        }

        @Override
        protected Integer buildResult() {
            return status;
        }

        @Override
        public void releaseResources() {}
    }
}
