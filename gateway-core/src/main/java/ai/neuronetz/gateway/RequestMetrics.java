package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.Endpoint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times requests. Names are OpenTelemetry's where it has one.
 *
 * <p>Every label's value is a constant of the code, so that no client can make a new time series: routes of the constant
 * table, statuses and codes of {@link ai.neuronetz.gateway.exchange.Reason}, operations, bases. Thread-safe.
 */
final class RequestMetrics implements Consumer<RequestEnd> {

    private static final String ROUTE = "http.route";
    private static final String STATUS = "http.response.status_code";
    private static final String ERROR = "error.type";
    private static final String OPERATION = "gen_ai.operation.name";

    /** A check could not be made: what a fail-closed gateway must shout about. */
    private static final Set<Reason> UNVERIFIED = EnumSet.of(
            Reason.IDENTITY_UNVERIFIABLE,
            Reason.MODELS_UNVERIFIABLE,
            Reason.LIMITS_UNVERIFIABLE,
            Reason.LEDGER_UNAVAILABLE,
            Reason.INTERNAL_ERROR);

    private final MeterRegistry registry;
    private final Map<String, Counter> unverified = new HashMap<>();

    // Looked up for each request: a registry's own look-up sorts and hashes labels.
    private final Map<Outcome, Counter> requests = new ConcurrentHashMap<>();
    private final Map<Outcome, Timer> durations = new ConcurrentHashMap<>();
    private final Map<Generation, Timer> generations = new ConcurrentHashMap<>();
    private final Map<String, Timer> firstTokens = new ConcurrentHashMap<>();
    private final Map<Tokens, Counter> tokens = new ConcurrentHashMap<>();
    private final Map<String, Counter> charged = new ConcurrentHashMap<>();

    private record Outcome(String route, int status, String code) {}

    private record Generation(String operation, String code) {}

    private record Tokens(String type, String basis) {}

    RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
        // There from the start, at 0: an alert sees the first increase only of a counter that it knew before.
        for (Reason reason : UNVERIFIED) {
            unverified.put(
                    reason.code(),
                    Counter.builder("gateway.denials.unverified")
                            .description("Requests denied because a check could not be made")
                            .tag(ERROR, reason.code())
                            .register(registry));
        }
    }

    @Override
    public void accept(RequestEnd end) {
        String route = end.route().name();
        requests.computeIfAbsent(new Outcome(route, end.status(), end.code()), this::requestCounter)
                .increment();
        durations
                .computeIfAbsent(new Outcome(route, end.status(), ""), this::durationTimer)
                .record(end.took());
        Counter check = unverified.get(end.code());
        if (check != null) {
            check.increment();
        }
        Reservation reservation = end.reservation();
        if (reservation == null) {
            return;
        }
        String operation = operation(reservation.grant().endpoint());
        generations
                .computeIfAbsent(new Generation(operation, end.code()), this::generationTimer)
                .record(end.took());
        Settlement settlement = reservation.settlement().orElse(null);
        if (settlement != null) {
            settled(operation, reservation.grant().streamed(), settlement);
        }
    }

    private void settled(String operation, boolean streamed, Settlement settlement) {
        String basis = settlement.basis().name().toLowerCase(Locale.ROOT);
        count("input", basis, settlement.inputTokens());
        count("output", basis, settlement.outputTokens());
        charged.computeIfAbsent(basis, this::chargedCounter).increment((double) settlement.charged());
        if (streamed && settlement.firstByteMillis() != null) {
            firstTokens
                    .computeIfAbsent(operation, this::firstTokenTimer)
                    .record(Duration.ofMillis(settlement.firstByteMillis()));
        }
    }

    private void count(String type, String basis, @Nullable Long reported) {
        if (reported != null) {
            tokens.computeIfAbsent(new Tokens(type, basis), this::tokenCounter).increment(reported);
        }
    }

    private Counter requestCounter(Outcome outcome) {
        return Counter.builder("gateway.requests")
                .description("Requests answered, by what was called and how it ended")
                .tag(ROUTE, outcome.route())
                .tag(STATUS, Integer.toString(outcome.status()))
                .tag(ERROR, outcome.code())
                .register(registry);
    }

    private Timer durationTimer(Outcome outcome) {
        return Timer.builder("http.server.request.duration")
                .description("From the head of a request to the end of its answer, streams included")
                .tag(ROUTE, outcome.route())
                .tag(STATUS, Integer.toString(outcome.status()))
                .register(registry);
    }

    private Timer generationTimer(Generation generation) {
        return Timer.builder("gen_ai.server.request.duration")
                .description("The same for requests that were admitted, by what the model did")
                .tag(OPERATION, generation.operation())
                .tag(ERROR, generation.code())
                .register(registry);
    }

    private Timer firstTokenTimer(String operation) {
        return Timer.builder("gen_ai.server.time_to_first_token")
                .description(
                        "From the head of a request to the first byte of Ollama's stream, which comes with a token")
                .tag(OPERATION, operation)
                .register(registry);
    }

    private Counter tokenCounter(Tokens kind) {
        return Counter.builder("gateway.tokens")
                .description("Tokens that Ollama reported and that were believed")
                .tag("gen_ai.token.type", kind.type())
                .tag("basis", kind.basis())
                .register(registry);
    }

    private Counter chargedCounter(String basis) {
        return Counter.builder("gateway.tokens.charged")
                .description("Tokens charged, by where the number came from")
                .tag("basis", basis)
                .register(registry);
    }

    /** In OpenTelemetry's words. */
    private static String operation(Endpoint endpoint) {
        return switch (endpoint) {
            case CHAT, CHAT_COMPLETIONS, RESPONSES, MESSAGES -> "chat";
            case GENERATE, COMPLETIONS -> "text_completion";
            case EMBED, EMBEDDINGS, OPENAI_EMBEDDINGS -> "embeddings";
            case ROOT, VERSION, TAGS, SHOW, MODELS, MODEL -> "none";
        };
    }
}
