package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.ClientStream;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.RequestBody;
import ai.neuronetz.gateway.ollama.Dialect;
import ai.neuronetz.gateway.ollama.DialectErrors;
import ai.neuronetz.gateway.ollama.Route;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client's exchange with the id it was given and the dialect it is answered in. */
final class Exchange {

    private static final String JSON = "application/json; charset=utf-8";

    private final ClientExchange client;
    private volatile UUID id = RequestId.next();
    private volatile @Nullable RequestBody body;
    private final AtomicBoolean answered = new AtomicBoolean();
    private boolean startedAgain;
    private final Route route;
    private final long startNanos = System.nanoTime();

    Exchange(ClientExchange client) {
        this.client = client;
        this.route = Route.of(client.request().method(), client.request().target());
    }

    UUID id() {
        return id;
    }

    ClientRequest request() {
        return client.request();
    }

    Route route() {
        return route;
    }

    long elapsedMillis() {
        return Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
    }

    /** Hands on the body, which is read from the client the first time. */
    void withBody(int maxBytes, Consumer<RequestBody> receiver) {
        RequestBody read = body;
        if (read != null) {
            receiver.accept(read);
            return;
        }
        client.readBody(maxBytes, arrived -> {
            body = arrived;
            receiver.accept(arrived);
        });
    }

    /**
     * Allows one more try, under a new id: clean-up of the first may still be under way under the old one.
     *
     * @return false if this was asked before
     */
    boolean startAgain() {
        if (startedAgain) {
            return false;
        }
        startedAgain = true;
        id = RequestId.next();
        return true;
    }

    /** The first answer counts: what fails after it can no longer be told. */
    void answer(Answer answer) {
        if (answered.compareAndSet(false, true)) {
            client.answer(withStandardHeaders(answer));
        }
    }

    ClientStream stream(Answer head, Runnable onGone) {
        answered.set(true);
        return client.stream(withStandardHeaders(head), onGone);
    }

    void whenGone(Runnable onGone) {
        client.whenGone(onGone);
    }

    /** The one place where a denial becomes an answer. */
    void deny(Denial denial) {
        byte[] body = DialectErrors.body(route.dialect(), denial.reason(), denial.field(), id.toString());
        Answer answer = Answer.of(denial.reason().status(), JSON, body).with(denial.headers());
        Duration retryAfter = denial.retryAfter();
        answer(retryAfter == null ? answer : answer.with("Retry-After", Long.toString(wholeSeconds(retryAfter))));
    }

    /** Rounded up: a client that waits as long as it was told must not come too early. */
    private static long wholeSeconds(Duration duration) {
        return Math.max(1, duration.plusNanos(999_999_999).toSeconds());
    }

    private Answer withStandardHeaders(Answer answer) {
        Answer standard = answer.with(Map.of(
                "X-Request-ID", id.toString(), "Cache-Control", "no-store", "X-Content-Type-Options", "nosniff"));
        // Where Anthropic's clients look for it.
        return route.dialect() == Dialect.ANTHROPIC ? standard.with("request-id", id.toString()) : standard;
    }
}
