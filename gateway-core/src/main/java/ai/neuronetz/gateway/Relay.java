package ai.neuronetz.gateway;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.accounting.Observation;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import ai.neuronetz.gateway.ollama.AnswerReader;
import ai.neuronetz.gateway.ollama.AnswerText;
import ai.neuronetz.gateway.upstream.Upstream;
import ai.neuronetz.gateway.upstream.UpstreamCall;
import ai.neuronetz.gateway.upstream.UpstreamReceiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries Ollama's answer to the client, frame by frame, and says once how it ended.
 *
 * <p><b>Threads.</b> Upstream events come one at a time; the client's callbacks, a cut and the client's leaving may come at
 * any moment. The lock guards the few fields below and is never held across a call to the other side.
 *
 * <p><b>Back-pressure.</b> Upstream is asked for more only when the last frames have left, so one bounded buffer is all that
 * a slow client costs. A whole answer is a bigger one: it goes out in slices, and until the last has left, the exchange is
 * open and holds its places like any other.
 *
 * <p><b>The end.</b> Whatever ends the exchange first sets {@code ended}; nothing after it counts. What is still to be
 * written then goes out after the write under way, and the observation is handed on when the client's side has closed.
 */
final class Relay implements UpstreamReceiver {

    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /** From here to being forwarded takes no time, unless the process was stopped. Less than the ledger's patience. */
    private static final Duration STALE = Duration.ofSeconds(2);

    private final Exchange exchange;
    private final Reservation reservation;
    private final Consumer<Observation> onClosed;
    private final OpenExchanges open;
    private final AnswerReader reader;
    private final boolean streamed;
    private final AnswerForm form;
    private final AnswerWriter writer;

    private final Object lock = new Object();
    private @Nullable UpstreamCall call;
    private boolean ended;
    private boolean closed;
    private Outcome outcome = Outcome.COMPLETED;
    private String code = RequestEnd.NO_ERROR;

    private volatile boolean forwarded;
    private volatile @Nullable Integer upstreamStatus;
    private volatile @Nullable Long firstByteMillis;

    /** @param answer where the text of the answer is wanted as well, or null */
    Relay(
            Exchange exchange,
            Reservation reservation,
            @Nullable AnswerText answer,
            Consumer<Observation> onClosed,
            OpenExchanges open) {
        this.exchange = exchange;
        this.reservation = reservation;
        this.onClosed = onClosed;
        this.open = open;
        Grant grant = reservation.grant();
        this.streamed = grant.streamed();
        this.form = AnswerForm.of(grant);
        this.writer = new AnswerWriter(exchange, reservation, form.head(reservation), this::guarded, this::clientGone);
        this.reader = AnswerReader.of(grant.endpoint(), streamed, grant.usageWanted());
        if (answer != null) {
            reader.capture(answer);
        }
    }

    KeyId keyId() {
        return reservation.principal().keyId();
    }

    void forward(Upstream upstream) {
        open.add(this);
        if (open.draining()) {
            // Decided while the gateway began to stop: too late to be waited for, and perhaps to be cut.
            forwarded = false;
            end(Outcome.NOT_FORWARDED, Reason.SHUTTING_DOWN);
            return;
        }
        if (reservation.age().compareTo(STALE) > 0) {
            // This process stood still meanwhile; others may count the request as lost already.
            forwarded = false;
            end(Outcome.NOT_FORWARDED, Reason.LEDGER_UNAVAILABLE);
            return;
        }
        exchange.whenGone(this::clientGone);
        synchronized (lock) {
            if (ended) {
                // The client left, or was cut, while the request was decided: settled already, and nothing is sent.
                return;
            }
            forwarded = true;
        }
        UpstreamReceiver receiver = new CheckedReceiver(this, upstream, exchange.id());
        UpstreamCall sent;
        try {
            sent = StageFailure.orAnswer("upstream", upstream, () -> upstream.send(reservation, receiver));
        } catch (StageFailure e) {
            LOG.error("request {} denied: {}", exchange.id(), e.getMessage(), Unforeseen.of(e));
            forwarded = isClaimed() || upstreamStatus != null;
            end(forwarded ? Outcome.UPSTREAM_FAILED : Outcome.NOT_FORWARDED, Reason.INTERNAL_ERROR);
            return;
        }
        boolean cancel;
        synchronized (lock) {
            call = sent;
            cancel = ended;
        }
        if (cancel) {
            cancel(sent);
        }
    }

    /** Claims what nobody has; where that fails, the request may have left, and what may have left is never free. */
    private boolean isClaimed() {
        try {
            reservation.claim();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /** Takes a step of the exchange; one that throws ends it, since nobody knows what of it was done. */
    @SuppressWarnings("CatchingUnchecked") // a reservation that stays open is worse than any error
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            LOG.error("request {} was cut: {}", exchange.id(), e.getClass().getName(), Unforeseen.of(e));
            abandon();
        }
    }

    private void abandon() {
        markEnded(Outcome.UPSTREAM_FAILED, Reason.INTERNAL_ERROR.code());
        try {
            writer.abort(Reason.INTERNAL_ERROR);
        } finally {
            close();
        }
    }

    /** Whether it has been open for longer than an answer may take: its upstream does not say how it ended. */
    boolean overdue(Duration longest) {
        return reservation.age().compareTo(longest) > 0;
    }

    // From Ollama.

    @Override
    public void onHead(int status, String contentType) {
        upstreamStatus = status;
        firstByteMillis = exchange.elapsedMillis();
        if (status != AnswerForm.STATUS_OK) {
            end(Outcome.UPSTREAM_FAILED, AnswerForm.reasonOf(status));
        } else if (!form.accepts(contentType)) {
            end(Outcome.UPSTREAM_FAILED, Reason.UPSTREAM_ERROR);
        }
    }

    @Override
    public void onBytes(ByteBuffer bytes, Runnable demand) {
        if (isEnded()) {
            return;
        }
        ByteBuffer frames = reader.feed(bytes);
        // Asked first: what is written is handed over, and may be empty afterwards.
        boolean nothing = !frames.hasRemaining();
        if (!nothing) {
            writer.write(frames, demand);
        }
        Optional<Reason> failure = reader.failure();
        if (failure.isPresent()) {
            end(Outcome.UPSTREAM_FAILED, failure.get());
        } else if (reader.frames() > reservation.grant().outputCap()) {
            // A frame is at least a token: Ollama does not keep to the cap that was reserved.
            end(Outcome.UPSTREAM_FAILED, Reason.UPSTREAM_INCOMPLETE);
        } else if (nothing) {
            demand.run();
        }
    }

    @Override
    public void onEnd() {
        ByteBuffer rest = reader.end();
        if (rest.hasRemaining() && streamed) {
            writer.write(rest, () -> {});
        }
        Optional<Reason> failure = reader.failure();
        if (failure.isPresent()) {
            end(Outcome.UPSTREAM_FAILED, failure.get());
        } else if (streamed) {
            end(Outcome.COMPLETED, null);
        } else {
            writer.writeWhole(rest, () -> end(Outcome.COMPLETED, null));
        }
    }

    @Override
    public void onFailure(Failure failure) {
        forwarded = failure != Failure.UNREACHABLE;
        Outcome how = forwarded ? Outcome.UPSTREAM_FAILED : Outcome.NOT_FORWARDED;
        end(
                how,
                switch (failure) {
                    case UNREACHABLE -> Reason.UPSTREAM_UNREACHABLE;
                    case TIMEOUT -> Reason.UPSTREAM_TIMEOUT;
                    case BROKEN -> writer.begun() ? Reason.UPSTREAM_INCOMPLETE : Reason.UPSTREAM_ERROR;
                });
    }

    // From the client's side, and from above.

    private void clientGone() {
        markEnded(Outcome.CLIENT_GONE, RequestEnd.CLIENT_GONE);
        writer.drop();
        close();
    }

    /** Ends the exchange now, with an error frame in the client's dialect. */
    void cut(Reason reason) {
        guarded(() -> end(Outcome.CUT, reason));
    }

    /**
     * Ends the exchange.
     *
     * @param error what the client is told, or null if the answer is complete
     */
    private void end(Outcome how, @Nullable Reason error) {
        if (markEnded(how, error == null ? RequestEnd.NO_ERROR : error.code())) {
            writer.finish(error, this::close);
        }
    }

    /** Lets Ollama go, unless it has ended by itself. */
    private boolean markEnded(Outcome how, String why) {
        UpstreamCall toCancel;
        synchronized (lock) {
            if (ended) {
                return false;
            }
            ended = true;
            outcome = how;
            code = why;
            toCancel = how == Outcome.COMPLETED ? null : call;
        }
        if (toCancel != null) {
            cancel(toCancel);
        }
        return true;
    }

    @SuppressWarnings("CatchingUnchecked") // who does not let go must not keep the exchange from being closed
    private void cancel(UpstreamCall sent) {
        try {
            sent.cancel();
        } catch (Throwable e) {
            LOG.error(
                    "the upstream's call ({}) of request {} could not be cut",
                    sent.getClass().getName(),
                    exchange.id(),
                    Unforeseen.of(e));
        }
    }

    private void close() {
        Outcome how;
        String why;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            how = outcome;
            why = code;
        }
        open.remove(this);
        onClosed.accept(new Observation(
                how,
                forwarded,
                reader.finished(),
                reader.inputTokens(),
                reader.outputTokens(),
                reader.frames(),
                reader.outputBytes(),
                reader.thoughts(),
                upstreamStatus,
                firstByteMillis,
                exchange.elapsedMillis()));
        exchange.ended(why);
    }

    private boolean isEnded() {
        synchronized (lock) {
            return ended;
        }
    }
}
