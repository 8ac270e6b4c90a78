package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.ClientStream;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.RequestBody;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.ollama.Dialect;
import ai.neuronetz.gateway.ollama.DialectErrors;
import ai.neuronetz.gateway.ollama.Route;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client's exchange with the id it was given and the dialect it is answered in. */
final class Exchange {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    // What nginx logs when a client leaves before its answer.
    private static final int NEVER_ANSWERED = 499;

    private static final String JSON = "application/json; charset=utf-8";

    private final ClientExchange client;
    private final Consumer<RequestEnd> onEnd;
    private final @Nullable String traceId;
    private volatile UUID id = RequestId.next();
    private volatile @Nullable RequestBody body;
    private final AtomicBoolean answered = new AtomicBoolean();
    private boolean startedAgain;
    private final Route route;
    private final long startNanos = System.nanoTime();
    private volatile @Nullable Principal principal;
    private volatile @Nullable Reservation reservation;
    private volatile int status;

    /** @param onEnd told once, when the exchange has ended; not of health checks */
    Exchange(ClientExchange client, Consumer<RequestEnd> onEnd) {
        this.client = client;
        this.onEnd = onEnd;
        this.traceId = TraceParent.traceId(client.request());
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
        return elapsed().toMillis();
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** Does something for this exchange, with its ids on all that is logged meanwhile. */
    void working(Runnable work) {
        LogIds.during(id, traceId, work);
    }

    void authenticated(Principal principal) {
        this.principal = principal;
    }

    /** From here on the exchange ends when it is told so, and not with its answer. */
    void admitted(Reservation reservation) {
        this.reservation = reservation;
    }

    /** The end of an admitted exchange, after its settlement. */
    void ended(String code) {
        tell(status == 0 ? NEVER_ANSWERED : status, code);
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
        answer(answer, RequestEnd.NO_ERROR);
    }

    private void answer(Answer answer, String code) {
        if (answered.compareAndSet(false, true)) {
            status = answer.status();
            client.answer(withStandardHeaders(answer));
            if (reservation == null) {
                tell(answer.status(), code);
            }
        }
    }

    /** Answers a health check, which comes every few seconds and is no request of anybody's. */
    void answerProbe(Answer answer) {
        if (answered.compareAndSet(false, true)) {
            client.answer(withStandardHeaders(answer));
        }
    }

    ClientStream stream(Answer head, Runnable onGone) {
        answered.set(true);
        status = head.status();
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
        answer(
                retryAfter == null ? answer : answer.with("Retry-After", Long.toString(wholeSeconds(retryAfter))),
                denial.reason().code());
    }

    /** What cannot be counted or logged must not keep the exchange from ending. */
    private void tell(int status, String code) {
        try {
            onEnd.accept(new RequestEnd(id, traceId, route, principal, reservation, status, code, elapsed()));
        } catch (RuntimeException e) {
            LOG.warn("request {} was not counted", id, e);
        }
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
