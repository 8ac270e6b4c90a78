package ai.neuronetz.gateway.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The JDK's client. The direct executor is deliberate: with the default one it was dearer in an earlier measurement. */
final class JdkClient implements MeasuredClient {

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(Runnable::run)
            .build();
    private final String base;

    JdkClient(int port) {
        base = "http://127.0.0.1:" + port;
    }

    @Override
    public Call post(String path, byte[] body, Receiver receiver) {
        var request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        var response = client.sendAsync(request, head -> new Subscriber(receiver));
        var unused = response.whenComplete((answer, failure) -> {
            if (failure != null) {
                receiver.end(failure);
            } else {
                receiver.end(answer.statusCode() == 200 ? null : new IOException("status " + answer.statusCode()));
            }
        });
        return () -> response.cancel(true);
    }

    @Override
    public void close() {
        // Before Java 21 there is nothing to close: the selector thread ends with the garbage collection of the client.
    }

    private static final class Subscriber implements BodySubscriber<@Nullable Void> {

        private final Receiver receiver;
        private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;

        Subscriber(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public CompletionStage<@Nullable Void> getBody() {
            return done;
        }

        @Override
        public void onSubscribe(Flow.Subscription newSubscription) {
            subscription = newSubscription;
            newSubscription.request(1);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            boolean more = true;
            for (ByteBuffer buffer : buffers) {
                more &= receiver.receive(buffer);
            }
            if (more && subscription != null) {
                subscription.request(1);
            }
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            done.complete(null);
        }
    }
}
