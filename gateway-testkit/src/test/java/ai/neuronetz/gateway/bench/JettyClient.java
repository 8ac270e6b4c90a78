package ai.neuronetz.gateway.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CancellationException;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty's client with its demand-driven content listener. */
final class JettyClient implements MeasuredClient {

    private final HttpClient client = new HttpClient();
    private final String base;

    JettyClient(int port, int maxConnections) {
        base = "http://127.0.0.1:" + port;
        var threads = new QueuedThreadPool(16);
        threads.setDaemon(true);
        client.setExecutor(threads);
        client.setMaxConnectionsPerDestination(maxConnections);
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        try {
            client.start();
        } catch (Exception failure) {
            throw new UncheckedIOException(new IOException(failure));
        }
        client.getContentDecoderFactories().clear();
    }

    @Override
    public Call post(String path, byte[] body, Receiver receiver) {
        var request = client.newRequest(base + path)
                .method("POST")
                .body(new BytesRequestContent("application/json", body))
                .onResponseContentAsync((response, chunk, demander) -> {
                    if (receiver.receive(chunk.getByteBuffer())) {
                        demander.run();
                    }
                });
        request.send(result -> {
            if (result.isFailed()) {
                receiver.end(result.getFailure());
            } else {
                int status = result.getResponse().getStatus();
                receiver.end(status == 200 ? null : new IOException("status " + status));
            }
        });
        return () -> {
            var unused = request.abort(new CancellationException());
        };
    }

    @Override
    public void close() {
        try {
            client.stop();
        } catch (Exception failure) {
            throw new UncheckedIOException(new IOException(failure));
        }
    }
}
