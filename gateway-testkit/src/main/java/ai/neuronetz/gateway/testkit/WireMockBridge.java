package ai.neuronetz.gateway.testkit;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Lets a WireMock answer what it has a stub for. It is started when first asked for. Thread-safe. */
final class WireMockBridge implements AutoCloseable {
    private static final String MATCHED = "matched-stub-id";
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "te",
            "transfer-encoding",
            "upgrade",
            MATCHED);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private volatile @Nullable WireMockServer server;

    synchronized WireMockServer server() {
        WireMockServer running = server;
        if (running == null) {
            running = new WireMockServer(
                    WireMockConfiguration.options().bindAddress("127.0.0.1").dynamicPort());
            running.start();
            server = running;
        }
        return running;
    }

    void stub(MappingBuilder mapping) {
        server().stubFor(mapping);
    }

    void reset() {
        WireMockServer running = server;
        if (running != null) {
            running.resetAll();
        }
    }

    /** Answers with the stub that matches; runs {@code unmatched} if none does. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void answer(ReceivedRequest received, Request request, Response response, Callback callback, Runnable unmatched) {
        WireMockServer running = server;
        if (running == null || running.getStubMappings().isEmpty()) {
            unmatched.run();
            return;
        }
        HttpRequest.Builder forward = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + running.port() + received.target()))
                .method(received.method(), HttpRequest.BodyPublishers.ofString(received.body()));
        received.headers().forEach((name, values) -> {
            if (!HOP_BY_HOP.contains(name)) {
                values.forEach(value -> forward.header(name, value));
            }
        });
        client.sendAsync(forward.build(), HttpResponse.BodyHandlers.ofByteArray())
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        // A stubbed fault: it broke that connection, so this one is broken.
                        AnswerStream.breakConnection(
                                request.getConnectionMetaData().getConnection().getEndPoint(), true);
                        callback.failed(failure);
                    } else if (answer.headers().firstValue(MATCHED).isEmpty()) {
                        try {
                            unmatched.run();
                        } catch (RuntimeException e) {
                            callback.failed(e);
                        }
                    } else {
                        copy(answer, response, callback);
                    }
                });
    }

    private static void copy(HttpResponse<byte[]> answer, Response response, Callback callback) {
        response.setStatus(answer.statusCode());
        answer.headers().map().forEach((name, values) -> {
            if (!HOP_BY_HOP.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> response.getHeaders().add(name, value));
            }
        });
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
    }

    @Override
    public synchronized void close() {
        WireMockServer running = server;
        if (running != null) {
            running.stop();
        }
    }
}
