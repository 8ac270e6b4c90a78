package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.upstream.Upstream;
import ai.neuronetz.gateway.upstream.UpstreamCall;
import ai.neuronetz.gateway.upstream.UpstreamReceiver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/** An upstream as somebody may write it in ten minutes: whole answers, and a place for a mistake. */
final class LeakyUpstream implements Upstream {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI ollama;
    private final int times;
    private final BiConsumer<HttpRequest.Builder, Reservation> mistake;

    LeakyUpstream(URI ollama, int times, BiConsumer<HttpRequest.Builder, Reservation> mistake) {
        this.ollama = ollama;
        this.times = times;
        this.mistake = mistake;
    }

    @Override
    public UpstreamCall send(Reservation reservation, UpstreamReceiver receiver) {
        reservation.claim();
        HttpResponse<byte[]> answer = null;
        for (int sent = 0; sent < times; sent++) {
            ByteBuffer body = reservation.grant().upstreamBody();
            byte[] bytes = new byte[body.remaining()];
            body.get(bytes);
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            ollama.resolve(reservation.grant().endpoint().path()))
                    .header("X-Request-ID", reservation.requestId().toString())
                    .POST(HttpRequest.BodyPublishers.ofByteArray(bytes));
            mistake.accept(request, reservation);
            answer = HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                    .join();
        }
        if (answer != null) {
            receiver.onHead(
                    answer.statusCode(),
                    answer.headers().firstValue("content-type").orElse(""));
            receiver.onBytes(ByteBuffer.wrap(answer.body()), () -> {});
        }
        receiver.onEnd();
        return () -> {};
    }

    /** Sends something that nothing reserved. */
    static void send(URI target, String requestId, byte[] body) {
        HTTP.sendAsync(
                        HttpRequest.newBuilder(target)
                                .header("X-Request-ID", requestId)
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .join();
    }

    @Override
    public void close() {}
}
