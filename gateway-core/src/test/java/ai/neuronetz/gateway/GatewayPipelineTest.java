package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.InstalledModel;
import ai.neuronetz.gateway.access.ModelLookup;
import ai.neuronetz.gateway.access.VisibleModels;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.exchange.RequestBody;
import ai.neuronetz.gateway.identity.Authentication;
import ai.neuronetz.gateway.identity.Authenticator.Currency;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.ollama.ModelName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is decided, in which order, and what is never forwarded. How an admitted exchange ends is in RelayTest. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GatewayPipelineTest {

    private static final String TAGS = "/api/tags";

    private final ScriptedStages stages = new ScriptedStages();
    private final GatewayPipeline pipeline = stages.pipeline();

    @Test
    void the_stages_run_in_their_order_and_the_accountant_when_the_answer_has_ended() {
        RecordedExchange client = served(RecordedExchange.chat());
        assertThat(stages.events).containsExactly("authenticate", "authorize", "reserve", "forward");

        stages.ollama().onHead(200, "application/x-ndjson");
        stages.ollama().onBytes(Frames.last(), () -> {});
        stages.ollama().onEnd();

        assertThat(stages.events).containsExactly("authenticate", "authorize", "reserve", "forward", "account");
        assertThat(client.status()).isEqualTo(200);
        assertThat(client.header("X-Request-ID")).isEqualTo(stages.ids.get(0).toString());
        assertThat(client.header("X-Budget-Remaining")).isEqualTo("7");
        assertThat(client.header("X-Gateway-Adjusted")).isEqualTo("keep_alive");
    }

    @Test
    void a_caller_who_is_not_authenticated_is_asked_for_nothing_more() {
        stages.authentication = () -> new Authentication.Refused(Denial.of(Reason.INVALID_API_KEY));

        RecordedExchange client = served(RecordedExchange.chat());

        assertDenied(client, Reason.INVALID_API_KEY);
        assertThat(stages.events).containsExactly("authenticate", "refused invalid_api_key");
        assertThat(client.bodiesRead()).isZero();
    }

    @Test
    void what_is_not_authorized_is_neither_reserved_nor_forwarded() {
        stages.authorization = () -> new Authorization.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED));

        assertDenied(served(RecordedExchange.chat()), Reason.MODEL_NOT_PERMITTED);
        assertThat(stages.events).containsExactly("authenticate", "authorize", "check", "denied model_not_permitted");
    }

    @Test
    void what_is_not_reserved_is_not_forwarded_and_the_state_of_the_limits_is_told() {
        Denial denial =
                Denial.of(Reason.RATE_LIMIT_TOKENS, Duration.ofMillis(2500)).with(Map.of("x-left", "0"));
        stages.metering = reserved -> new Metering.Refused(denial);

        RecordedExchange client = served(RecordedExchange.chat());

        assertDenied(client, Reason.RATE_LIMIT_TOKENS);
        assertThat(client.header("Retry-After")).as("rounded up").isEqualTo("3");
        assertThat(client.header("x-left")).isEqualTo("0");
    }

    @Test
    void a_store_that_is_down_is_not_asked_again_whether_the_caller_is_current() {
        stages.metering = reserved -> new Metering.Refused(Denial.of(Reason.LEDGER_UNAVAILABLE));

        assertDenied(served(RecordedExchange.chat()), Reason.LEDGER_UNAVAILABLE);
        assertThat(stages.events).doesNotContain("check");
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                failure("authenticate", stages -> stages.authentication = failing()),
                failure("authorize", stages -> stages.authorization = failing()),
                failure(
                        "reserve",
                        stages -> stages.metering = reserved -> {
                            throw new IllegalStateException("unforeseen");
                        }),
                failure("check", stages -> {
                    stages.authorization = () -> new Authorization.Refused(Denial.of(Reason.INVALID_JSON));
                    stages.currency = failing();
                }),
                failure("audit", stages -> {
                    stages.authentication = () -> new Authentication.Refused(Denial.of(Reason.INVALID_API_KEY));
                    stages.auditing = () -> {
                        throw new IllegalStateException("unforeseen");
                    };
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void an_exception_that_nobody_foresaw_is_a_denial(String stage, Consumer<ScriptedStages> script) {
        script.accept(stages);

        RecordedExchange client = served(RecordedExchange.chat());

        assertDenied(client, Reason.INTERNAL_ERROR);
        assertThat(client.text()).doesNotContain("unforeseen");
    }

    @Test
    void an_exception_while_models_are_listed_is_a_denial() {
        stages.visible = failing();

        assertDenied(served(get(TAGS)), Reason.INTERNAL_ERROR);
    }

    @Test
    void a_request_on_outdated_terms_is_decided_again_under_a_new_id_with_the_body_read_once() {
        Deque<Metering> script = new ArrayDeque<>(List.of(new Metering.Outdated()));
        stages.metering = reserved -> script.isEmpty() ? reserved : script.remove();

        RecordedExchange client = served(RecordedExchange.chat());

        assertThat(stages.events)
                .containsExactly(
                        "authenticate",
                        "authorize",
                        "reserve",
                        "forget",
                        "authenticate",
                        "authorize",
                        "reserve",
                        "forward");
        assertThat(stages.ids).hasSize(2).doesNotHaveDuplicates();
        assertThat(client.bodiesRead()).isEqualTo(1);
        stages.ollama().onHead(503, "");
        assertThat(client.header("X-Request-ID")).isEqualTo(stages.ids.get(1).toString());
    }

    @Test
    void terms_that_are_outdated_twice_cannot_be_verified() {
        stages.metering = reserved -> new Metering.Outdated();

        assertDenied(served(RecordedExchange.chat()), Reason.IDENTITY_UNVERIFIABLE);
        assertThat(stages.ids).hasSize(2);
    }

    @Test
    void a_denial_on_outdated_terms_is_decided_again() {
        Deque<Authentication> callers = new ArrayDeque<>(List.of(
                new Authentication.Authenticated(ScriptedStages.PRINCIPAL),
                new Authentication.Refused(Denial.of(Reason.INVALID_API_KEY))));
        stages.authentication = callers::remove;
        stages.authorization = () -> new Authorization.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED));
        stages.currency = () -> Currency.OUTDATED;

        assertDenied(served(RecordedExchange.chat()), Reason.INVALID_API_KEY);
        assertThat(stages.events).doesNotContain("denied model_not_permitted");
    }

    @Test
    void a_denial_whose_terms_cannot_be_checked_says_only_that() {
        stages.authorization = () -> new Authorization.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED));
        stages.currency = () -> Currency.UNVERIFIABLE;

        assertDenied(served(RecordedExchange.chat()), Reason.IDENTITY_UNVERIFIABLE);
    }

    @Test
    void models_are_listed_to_a_caller_who_is_current_and_to_nobody_else() {
        stages.visible = () -> new VisibleModels.Known(List.of(), "0.12.0");
        RecordedExchange known = served(get(TAGS));
        assertThat(known.status()).isEqualTo(200);
        assertThat(known.text()).isEqualTo("{\"models\":[]}");

        stages.currency = () -> Currency.UNVERIFIABLE;
        assertDenied(served(get(TAGS)), Reason.IDENTITY_UNVERIFIABLE);

        stages.currency = () -> Currency.OUTDATED;
        assertDenied(served(get(TAGS)), Reason.IDENTITY_UNVERIFIABLE);
    }

    @Test
    void models_that_cannot_be_verified_are_not_listed() {
        assertDenied(served(get(TAGS)), Reason.MODELS_UNVERIFIABLE);
    }

    @Test
    void what_is_no_endpoint_is_denied_only_after_the_caller_is_known() {
        assertDenied(served(get("/api/ps")), Reason.NOT_FOUND);
        assertDenied(served(get("/api/tags?x=1")), Reason.NOT_FOUND);
        assertDenied(served(get("/api/pull")), Reason.ENDPOINT_BLOCKED);
        RecordedExchange wrongMethod = served(get("/api/chat"));
        assertDenied(wrongMethod, Reason.METHOD_NOT_ALLOWED);
        assertThat(wrongMethod.header("Allow")).isEqualTo("POST");

        stages.authentication = () -> new Authentication.Refused(Denial.of(Reason.INVALID_API_KEY));
        assertDenied(served(get("/api/pull")), Reason.INVALID_API_KEY);
    }

    @Test
    void a_banner_says_that_a_server_is_there_to_whoever_has_a_key() {
        RecordedExchange banner = served(get("/"));
        assertThat(banner.status()).isEqualTo(200);
        assertThat(banner.header("Content-Type")).startsWith("text/plain");
        assertThat(served(new RecordedExchange("HEAD", "/", Map.of())).status()).isEqualTo(200);
        RecordedExchange wrongMethod = served(new RecordedExchange("POST", "/", Map.of()));
        assertDenied(wrongMethod, Reason.METHOD_NOT_ALLOWED);
        assertThat(wrongMethod.header("Allow")).isEqualTo("GET, HEAD");

        stages.authentication = () -> new Authentication.Refused(Denial.of(Reason.INVALID_API_KEY));
        assertDenied(served(get("/")), Reason.INVALID_API_KEY);
    }

    @Test
    void one_model_is_described_under_the_operators_spelling() {
        stages.lookup = model -> found(Optional.empty());

        RecordedExchange client = served(get("/v1/models/LLAMA3%3A8b"));

        assertThat(client.status()).isEqualTo(200);
        assertThat(client.text())
                .isEqualTo("{\"id\":\"llama3:8b\",\"object\":\"model\",\"created\":7,\"owned_by\":\"library\"}");
        assertThat(stages.events).containsExactly("authenticate", "check", "find LLAMA3:8b");
    }

    @Test
    void a_model_that_may_not_be_used_is_neither_described_nor_shown() {
        assertDenied(served(get("/v1/models/other")), Reason.MODEL_NOT_PERMITTED);
        assertDenied(served(show("{\"model\":\"other\"}")), Reason.MODEL_NOT_PERMITTED);
        assertThat(stages.events).contains("find other", "denied model_not_permitted");
    }

    @Test
    void a_model_is_shown_from_what_was_learnt_before() {
        stages.lookup = model -> found(Optional.of("{\"details\":{}}"));

        RecordedExchange client = served(show("{\"name\":\"m\",\"verbose\":true}"));

        assertThat(client.status()).isEqualTo(200);
        assertThat(client.text()).isEqualTo("{\"details\":{}}");
        assertThat(client.header("X-Gateway-Adjusted")).isEqualTo("verbose");
        assertThat(stages.events).containsExactly("authenticate", "check", "find m");
        assertThat(stages.forwarded()).isFalse();
    }

    @Test
    void a_model_that_nothing_was_learnt_of_yet_is_worth_another_try() {
        stages.lookup = model -> found(Optional.empty());

        RecordedExchange client = served(show("{\"model\":\"m\"}"));

        assertDenied(client, Reason.MODEL_DETAILS_UNKNOWN);
        assertThat(client.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void the_body_of_a_question_is_read_like_any_other() {
        assertDenied(served(show("{\"model\":\"m\",\"Model\":\"n\"}")), Reason.INVALID_JSON);
        assertDenied(served(show("{}").body(new RequestBody.TooLarge())), Reason.BODY_TOO_LARGE);
        assertDenied(
                served(new RecordedExchange("POST", "/api/show", Map.of("Content-Encoding", List.of("gzip")))),
                Reason.UNSUPPORTED_ENCODING);
        stages.currency = () -> Currency.UNVERIFIABLE;
        assertDenied(served(show("{\"model\":\"m\"}")), Reason.IDENTITY_UNVERIFIABLE);
    }

    @Test
    void an_encoded_body_is_not_even_read() {
        RecordedExchange client =
                served(new RecordedExchange("POST", "/api/chat", Map.of("Content-Encoding", List.of("gzip"))));

        assertDenied(client, Reason.UNSUPPORTED_ENCODING);
        assertThat(client.status()).isEqualTo(415);
        assertThat(client.bodiesRead()).isZero();
    }

    @Test
    void a_body_that_is_too_large_or_broken_is_not_authorized() {
        assertDenied(served(RecordedExchange.chat().body(new RequestBody.TooLarge())), Reason.BODY_TOO_LARGE);
        assertDenied(served(RecordedExchange.chat().body(new RequestBody.Broken())), Reason.INVALID_BODY);
        assertThat(stages.events).doesNotContain("authorize");
    }

    @Test
    void a_gateway_that_stops_takes_nothing_new_and_says_so_to_whoever_probes_it() {
        assertThat(served(get("/readyz")).status()).isEqualTo(200);

        pipeline.drain(Duration.ZERO);

        assertDenied(served(RecordedExchange.chat()), Reason.SHUTTING_DOWN);
        assertThat(stages.events).isEmpty();
        assertThat(served(get("/readyz")).status()).isEqualTo(503);
        assertThat(served(get("/livez")).status()).isEqualTo(200);
    }

    @Test
    void a_request_that_is_still_being_decided_when_the_gateway_stops_is_not_forwarded_and_is_settled() {
        stages.metering = reserved -> {
            pipeline.drain(Duration.ZERO);
            return reserved;
        };

        assertDenied(served(RecordedExchange.chat()), Reason.SHUTTING_DOWN);
        assertThat(stages.observations).hasSize(1);
        assertThat(stages.observations.get(0).forwarded()).isFalse();
    }

    private RecordedExchange served(RecordedExchange client) {
        pipeline.serve(client);
        return client;
    }

    private static RecordedExchange show(String body) {
        return new RecordedExchange("POST", "/api/show", Map.of())
                .body(new RequestBody.Complete(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static ModelLookup found(Optional<String> details) {
        ModelName name = ModelName.parse("llama3:8b").orElseThrow();
        return new ModelLookup.Found("llama3:8b", new InstalledModel(name, "llama3:8b", "", false, "{}", 7), details);
    }

    private static RecordedExchange get(String target) {
        return new RecordedExchange("GET", target, Map.of());
    }

    private void assertDenied(RecordedExchange client, Reason reason) {
        assertThat(client.code()).isEqualTo(reason.code());
        assertThat(client.status()).isEqualTo(reason.status());
        assertThat(client.answers()).isEqualTo(1);
        assertThat(stages.forwarded()).isFalse();
    }

    private static Arguments failure(String stage, Consumer<ScriptedStages> script) {
        return Arguments.of(stage, script);
    }

    private static <T> Supplier<T> failing() {
        return () -> {
            throw new IllegalStateException("unforeseen");
        };
    }
}
