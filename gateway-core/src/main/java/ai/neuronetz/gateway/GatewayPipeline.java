package ai.neuronetz.gateway;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.LocalAnswers.Reply;
import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.accounting.Observation;
import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.exchange.RequestBody;
import ai.neuronetz.gateway.identity.Authentication;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.identity.SourceAddress;
import ai.neuronetz.gateway.identity.TrustedProxies;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.ollama.AnswerText;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.Route;
import ai.neuronetz.gateway.prompts.PromptLog;
import ai.neuronetz.gateway.upstream.Upstream;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the five stages, in this order and no other: authenticate, authorize, meter, forward, account.
 *
 * <p>Thread-safe. {@link #serve} blocks in the deciding stages, each of which has a deadline, and never while an answer is
 * streamed. Whatever cannot be checked is denied; an exception that nobody foresaw is a denial too. To be closed when nothing
 * more is served, {@link #drain} before that.
 */
public final class GatewayPipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayPipeline.class);

    private final Authenticator authenticator;
    private final Authorizer authorizer;
    private final LocalAnswers local;
    private final Meter meter;
    private final Upstream upstream;
    private final Settling settling;
    private final AuditLog auditLog;
    private final @Nullable PromptLog prompts;
    private final TrustedProxies trustedProxies;
    private final int maxBodyBytes;
    private final HealthProbe health;
    private final OpenExchanges open;
    private final Consumer<RequestEnd> onEnd;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    GatewayPipeline(PipelineParts parts) {
        this.authenticator = new CheckedStages.Identity(parts.authenticator());
        this.authorizer = new CheckedStages.Access(parts.authorizer());
        this.local = new LocalAnswers(authorizer);
        this.meter = new CheckedStages.Metered(parts.meter());
        this.upstream = parts.upstream();
        this.settling = new Settling(parts.accountant(), parts.usage());
        this.auditLog = new CheckedStages.Audit(parts.auditLog());
        this.prompts = parts.prompts();
        this.trustedProxies = parts.trustedProxies();
        this.maxBodyBytes = parts.maxBodyBytes();
        this.open = parts.open();
        this.health = new HealthProbe(parts.dependencies(), open::draining);
        this.onEnd = new RequestMetrics(parts.registry()).andThen(new RequestLog());
        this.onClose = parts.onClose();
        registerGauges(parts.registry(), parts.dependencies());
    }

    private void registerGauges(MeterRegistry registry, Map<String, BooleanSupplier> dependencies) {
        Gauge.builder("gateway.streams.open", open::count)
                .description("Answers that are being forwarded now")
                .register(registry);
        dependencies.forEach(
                (name, usable) -> Gauge.builder("gateway.dependency.usable", () -> usable.getAsBoolean() ? 1 : 0)
                        .description("1 while what requests depend on can be used, else 0 and they are denied")
                        .tag("dependency", name)
                        .register(registry));
    }

    /**
     * A gateway with all its own stages. To be closed.
     *
     * @throws ConfigurationException if a setting is missing or dangerous
     */
    public static GatewayPipeline open(GatewaySettings settings) {
        return builder(settings).build();
    }

    /** For a gateway some of whose stages are the embedder's. */
    public static GatewayPipelineBuilder builder(GatewaySettings settings) {
        return new GatewayPipelineBuilder(requireNonNull(settings, "settings"));
    }

    /**
     * Takes one exchange through the stages. Does not throw. Until it returns the caller's thread waits for stores, for a second
     * or so in all; the answer may come later, from other threads.
     */
    public void serve(ClientExchange client) {
        Exchange exchange = new Exchange(client, onEnd);
        guarded(exchange, () -> {
            Optional<Answer> probe = health.answer(exchange.request());
            if (probe.isPresent()) {
                exchange.answerProbe(probe.get());
            } else if (open.draining()) {
                exchange.deny(Denial.of(Reason.SHUTTING_DOWN));
            } else {
                pass(exchange);
            }
        });
    }

    /** The five stages. */
    private void pass(Exchange exchange) {
        Authentication authentication = authenticator.authenticate(exchange.request());
        if (!(authentication instanceof Authentication.Authenticated caller)) {
            refuse(exchange, ((Authentication.Refused) authentication).denial());
            return;
        }
        Principal principal = caller.principal();
        exchange.authenticated(principal);
        if (!(exchange.route() instanceof Route.Known known) || known.endpoint().kind() == Endpoint.Kind.LISTING) {
            answerLocally(exchange, principal, () -> local.to(principal, exchange.route()));
            return;
        }
        if (!exchange.request().headers("Content-Encoding").isEmpty()) {
            turnAway(exchange, principal, Denial.of(Reason.UNSUPPORTED_ENCODING));
            return;
        }

        exchange.withBody(
                maxBodyBytes,
                body -> guarded(exchange, () -> {
                    if (!(body instanceof RequestBody.Complete complete)) {
                        turnAway(exchange, principal, Denial.of(reasonOf(body)));
                        return;
                    }
                    if (known.endpoint().kind() == Endpoint.Kind.DETAILS) {
                        answerLocally(exchange, principal, () -> local.show(principal, complete.bytes()));
                        return;
                    }
                    Authorization authorization = authorizer.authorize(principal, known.endpoint(), complete.bytes());
                    if (!(authorization instanceof Authorization.Granted granted)) {
                        turnAway(exchange, principal, ((Authorization.Refused) authorization).denial());
                        return;
                    }

                    Metering metering = meter.reserve(exchange.id(), principal, granted.grant());
                    if (metering instanceof Metering.Refused refused) {
                        turnAway(exchange, principal, refused.denial());
                        return;
                    }
                    if (!(metering instanceof Metering.Reserved reserved)) {
                        again(exchange, principal);
                        return;
                    }

                    exchange.admitted(reserved.reservation());
                    forwardThenAccount(exchange, reserved.reservation());
                }));
    }

    private void forwardThenAccount(Exchange exchange, Reservation reservation) {
        PromptLog log = prompts;
        AnswerText answer =
                log == null ? null : log.open(reservation.principal()).orElse(null);
        Consumer<Observation> onClosed = observation -> {
            settling.account(reservation, observation);
            if (log != null && answer != null) {
                log.keep(reservation, observation, answer);
            }
        };
        Relay relay = new Relay(exchange, reservation, answer, onClosed, open);
        relay.guarded(() -> relay.forward(upstream));
    }

    private void answerLocally(Exchange exchange, Principal principal, Supplier<Reply> replying) {
        whileCurrent(exchange, principal, () -> {
            Reply reply = replying.get();
            if (reply instanceof Reply.Given given) {
                exchange.answer(given.answer());
            } else {
                record(exchange, principal, ((Reply.Denied) reply).denial());
            }
        });
    }

    /** A caller that could not be authenticated. */
    private void refuse(Exchange exchange, Denial denial) {
        auditLog.refused(
                SourceAddress.of(exchange.request(), trustedProxies)
                        .orElseGet(() -> SourceAddress.ofPeer(exchange.request())),
                denial.reason());
        exchange.deny(denial);
    }

    /** Denies an authenticated caller, but not on terms that have changed: a revoked key hears of nothing but itself. */
    private void turnAway(Exchange exchange, Principal principal, Denial denial) {
        if (denial.reason().status() == 503) {
            record(exchange, principal, denial);
        } else {
            whileCurrent(exchange, principal, () -> record(exchange, principal, denial));
        }
    }

    private void record(Exchange exchange, Principal principal, Denial denial) {
        auditLog.denied(exchange.id(), principal, exchange.route().name(), null, denial.reason());
        exchange.deny(denial);
    }

    private void whileCurrent(Exchange exchange, Principal principal, Runnable answer) {
        switch (authenticator.check(principal)) {
            case CURRENT -> answer.run();
            case OUTDATED -> again(exchange, principal);
            case UNVERIFIABLE -> exchange.deny(Denial.of(Reason.IDENTITY_UNVERIFIABLE));
        }
    }

    /** Decides anew on today's terms; once, since terms that change faster than that cannot be verified. */
    private void again(Exchange exchange, Principal principal) {
        authenticator.forget(principal);
        if (exchange.startAgain()) {
            guarded(exchange, () -> pass(exchange));
        } else {
            exchange.deny(Denial.of(Reason.IDENTITY_UNVERIFIABLE));
        }
    }

    private static Reason reasonOf(RequestBody unread) {
        return unread instanceof RequestBody.TooLarge ? Reason.BODY_TOO_LARGE : Reason.INVALID_BODY;
    }

    /** What nobody foresaw is denied, and logged here and nowhere else. */
    @SuppressWarnings("CatchingUnchecked") // a stage that lacks a class or runs out of stack has decided nothing
    private static void guarded(Exchange exchange, Runnable stages) {
        exchange.working(() -> {
            try {
                stages.run();
            } catch (StageFailure e) {
                LOG.error("request {} denied: {}", exchange.id(), e.getMessage(), Unforeseen.of(e));
                exchange.deny(Denial.of(Reason.INTERNAL_ERROR));
            } catch (Throwable e) {
                LOG.error("request {} denied: {}", exchange.id(), e.getClass().getName(), Unforeseen.of(e));
                exchange.deny(Denial.of(Reason.INTERNAL_ERROR));
            }
        });
    }

    /** What {@code /healthz} answers: 200 if everything is usable that a request needs, else 503. Touches no store. */
    public Answer health() {
        return health.health();
    }

    /**
     * Cuts what a key has open, within milliseconds and with an error frame.
     *
     * @return how many exchanges were cut
     */
    int cut(KeyId keyId) {
        return open.cut(keyId, Reason.KEY_REVOKED_IN_STREAM);
    }

    /** Cuts all that is open: the ledger may count it as lost already. */
    void fenced() {
        open.cutAll(Reason.LEDGER_UNAVAILABLE);
    }

    /**
     * Admits nothing more, waits for open exchanges to end, and cuts and settles the rest.
     *
     * @param grace how long open exchanges may go on
     */
    public void drain(Duration grace) {
        open.drain(grace, Reason.SHUTTING_DOWN);
    }

    /** Cuts what is open, settles it, and closes every connection and thread. Blocks for some seconds at most. Idempotent. */
    @Override
    public void close() {
        drain(Duration.ZERO);
        if (closed.compareAndSet(false, true)) {
            onClose.run();
        }
    }
}
