package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Authentication;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.upstream.Timeouts;
import ai.neuronetz.gateway.upstream.UpstreamReceiver;
import ai.neuronetz.gateway.upstream.UpstreamReceiver.Failure;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** An embedder's stage that breaks its contract: the gate stays shut, the reservation is settled, and the log names it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MisbehavingStagesTest {

    private static final String STREAM = "application/x-ndjson";

    private final ScriptedStages stages = new ScriptedStages();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private @Nullable GatewayPipeline pipeline;

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger("ai.neuronetz.gateway")).addAppender(log);
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger("ai.neuronetz.gateway")).detachAppender(log);
        if (pipeline != null) {
            pipeline.close();
        }
    }

    static Stream<Arguments> deciding() {
        return Stream.of(
                        () -> new IllegalStateException("hidden"),
                        StackOverflowError::new,
                        () -> new NoClassDefFoundError("hidden"),
                        (Supplier<Throwable>) () -> new AssertionError("hidden"))
                .flatMap(failure -> Stream.<Arguments>of(
                        broken("authenticator", failure, stages -> stages.authentication = throwing(failure)),
                        broken("authenticator", failure, stages -> {
                            stages.authorization =
                                    () -> new Authorization.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED));
                            stages.currency = throwing(failure);
                        }),
                        broken("authorizer", failure, stages -> stages.authorization = throwing(failure)),
                        broken(
                                "meter",
                                failure,
                                stages ->
                                        stages.metering = reserved -> MisbehavingStagesTest.<Metering>throwing(failure)
                                                .get()),
                        broken("audit log", failure, stages -> {
                            stages.authentication = () -> new Authentication.Refused(Denial.of(Reason.INVALID_API_KEY));
                            stages.auditing = () -> throwing(failure).get();
                        })));
    }

    static Stream<Arguments> missing() {
        return Stream.of(
                broken("authenticator", null, stages -> stages.authentication = () -> null),
                broken(
                        "authenticator",
                        null,
                        stages -> stages.authentication = () -> new Authentication.Authenticated(null)),
                broken("authenticator", null, stages -> {
                    stages.authorization = () -> new Authorization.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED));
                    stages.currency = () -> null;
                }),
                broken("authorizer", null, stages -> stages.authorization = () -> null),
                broken("authorizer", null, stages -> stages.authorization = () -> new Authorization.Granted(null)),
                broken(
                        "authorizer",
                        null,
                        stages -> stages.authorization = () -> new Authorization.Granted(grantOf(Endpoint.EMBED))),
                broken("meter", null, stages -> stages.metering = reserved -> null),
                broken("meter", null, stages -> stages.metering = reserved -> new Metering.Reserved(null)),
                broken("meter", null, stages -> {
                    Metering other = stages.meter.reserve(
                            UUID.randomUUID(), ScriptedStages.PRINCIPAL, ScriptedStages.grant(true));
                    stages.metering = reserved -> other;
                }));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource({"deciding", "missing"})
    void a_deciding_stage_that_throws_or_leaves_out_its_answer_is_a_denial_and_is_named(
            String stage, String failure, Consumer<ScriptedStages> script) {
        script.accept(stages);

        RecordedExchange client = served();

        assertThat(client.status()).isEqualTo(503);
        assertThat(client.code()).isEqualTo("internal_error");
        assertThat(client.answers()).isEqualTo(1);
        assertThat(client.text()).doesNotContain("hidden");
        assertThat(stages.forwarded()).isFalse();
        assertThat(logged()).contains("the " + stage + " (").contains(failure);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("upstreams")
    void an_upstream_that_calls_out_of_turn_is_cut_and_settled_once(
            String manner, BiConsumer<UpstreamReceiver, RecordedExchange> calls, Outcome outcome) {
        RecordedExchange client = served();

        calls.accept(stages.ollama(), client);

        assertThat(stages.observations).hasSize(1);
        assertThat(stages.observations.get(0).outcome()).isEqualTo(outcome);
        assertThat(stages.observations.get(0).forwarded()).isTrue();
        assertThat(stages.settlements).hasSize(1);
        assertThat(client.answers()).isEqualTo(1);
        assertThat(logged()).contains(ScriptedStages.class.getName());
    }

    static Stream<Arguments> upstreams() {
        return Stream.of(
                upstream("two heads", Outcome.UPSTREAM_FAILED, (ollama, client) -> {
                    ollama.onHead(200, STREAM);
                    ollama.onBytes(Frames.token(), () -> {});
                    ollama.onHead(200, STREAM);
                }),
                upstream("bytes before the head", Outcome.UPSTREAM_FAILED, (ollama, client) -> {
                    ollama.onBytes(Frames.token(), () -> {});
                    assertThat(client.code()).isEqualTo("upstream_error");
                }),
                upstream("an end before the head", Outcome.UPSTREAM_FAILED, (ollama, client) -> ollama.onEnd()),
                upstream("two ends", Outcome.COMPLETED, (ollama, client) -> {
                    complete(ollama);
                    ollama.onEnd();
                    ollama.onFailure(Failure.BROKEN);
                }),
                upstream("bytes after the end", Outcome.COMPLETED, (ollama, client) -> {
                    complete(ollama);
                    String before = client.text();
                    ollama.onBytes(Frames.token(), () -> {});
                    assertThat(client.text()).isEqualTo(before);
                }),
                upstream("an end after a failure", Outcome.UPSTREAM_FAILED, (ollama, client) -> {
                    ollama.onFailure(Failure.TIMEOUT);
                    ollama.onEnd();
                }));
    }

    @Test
    void an_upstream_that_throws_where_it_should_ask_for_more_is_cut() {
        RecordedExchange client = served();
        stages.ollama().onHead(200, STREAM);

        stages.ollama().onBytes(Frames.token(), () -> {
            throw new AssertionError("hidden");
        });

        assertThat(client.aborted()).isTrue();
        assertThat(stages.settlements).hasSize(1);
    }

    @Test
    void an_upstream_that_returns_no_call_or_throws_an_error_is_a_denial_that_is_paid_for() {
        stages.call = null;
        assertThat(served().code()).isEqualTo("internal_error");
        stages.sending = () -> {
            throw new NoClassDefFoundError("hidden");
        };
        assertThat(served().code()).isEqualTo("internal_error");

        assertThat(stages.observations).hasSize(2).allMatch(seen -> seen.forwarded());
        assertThat(logged()).contains("the upstream (").contains("NoClassDefFoundError");
    }

    @Test
    void an_upstream_that_never_says_how_it_ended_is_cut_when_no_answer_may_take_longer() {
        stages.settings.timeouts(
                new Timeouts(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(1)));

        RecordedExchange client = served();

        await(() -> !stages.settlements.isEmpty());
        assertThat(client.code()).isEqualTo("upstream_timeout");
        assertThat(stages.observations.get(0).outcome()).isEqualTo(Outcome.CUT);
        assertThat(stages.cancelled).isEqualTo(1);
    }

    @Test
    void a_call_that_cannot_be_cut_is_settled_all_the_same() {
        stages.call = () -> {
            throw new IllegalStateException("unforeseen");
        };
        RecordedExchange client = served();

        client.leave();

        assertThat(stages.settlements).hasSize(1);
    }

    @Test
    void what_an_accountant_does_not_settle_is_charged_whole() {
        stages.accounting = reservation -> {
            throw new AssertionError("hidden");
        };
        served();
        complete(stages.ollama());
        stages.accounting = reservation -> {};
        served();
        complete(stages.ollama());
        served();
        stages.ollama().onFailure(Failure.UNREACHABLE);

        assertThat(stages.settlements)
                .extracting(Settlement::charged)
                .containsExactly(20L + ScriptedStages.OUTPUT_CAP, 20L + ScriptedStages.OUTPUT_CAP, 0L);
        assertThat(stages.settlements)
                .extracting(Settlement::basis)
                .containsExactly(Basis.UPPER_BOUND, Basis.UPPER_BOUND, Basis.NOT_FORWARDED);
        assertThat(logged()).contains("the accountant (" + ScriptedStages.class.getName());
    }

    private RecordedExchange served() {
        if (pipeline == null) {
            pipeline = stages.pipeline();
        }
        RecordedExchange client = RecordedExchange.chat();
        pipeline.serve(client);
        return client;
    }

    private String logged() {
        return String.join(
                "\n", log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    private static void await(Supplier<Boolean> condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.get()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static void complete(UpstreamReceiver ollama) {
        ollama.onHead(200, STREAM);
        ollama.onBytes(Frames.last(), () -> {});
        ollama.onEnd();
    }

    private static Grant grantOf(Endpoint endpoint) {
        return new Grant(endpoint, "llama3:8b", new byte[] {'{', '}'}, true, false, false, 20, 1, List.of());
    }

    private static Arguments broken(
            String stage, @Nullable Supplier<Throwable> failure, Consumer<ScriptedStages> script) {
        return Arguments.of(
                stage, failure == null ? "" : failure.get().getClass().getName(), script);
    }

    private static Arguments upstream(
            String manner, Outcome outcome, BiConsumer<UpstreamReceiver, RecordedExchange> calls) {
        return Arguments.of(manner, calls, outcome);
    }

    private static <T> Supplier<T> throwing(Supplier<Throwable> failure) {
        return () -> {
            throw MisbehavingStagesTest.<RuntimeException>unchecked(failure.get());
        };
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }
}
