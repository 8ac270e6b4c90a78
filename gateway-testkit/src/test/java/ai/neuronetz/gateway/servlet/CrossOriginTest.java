package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
@Tag(ServletHost.TAG)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CrossOriginTest {

    private static final String ALLOWED = "https://chat.example";

    private final ServletHost.Kind kind;
    private final AtomicInteger reachedPipeline = new AtomicInteger();

    CrossOriginTest(ServletHost.Kind kind) {
        this.kind = kind;
    }

    @Test
    void by_default_no_answer_speaks_of_origins() throws Exception {
        try (ServletHost host = start(builder -> builder)) {
            assertThat(corsHeaders(send(host, "GET /api/tags", ALLOWED, ""))).isEmpty();

            RawClient.Response preflight = preflight(host, "/api/chat", ALLOWED);
            assertThat(preflight.status()).isEqualTo(401);
            assertThat(corsHeaders(preflight)).isEmpty();
            assertThat(reachedPipeline).hasValue(2);
        }
    }

    @Test
    void a_preflight_from_an_allowed_origin_is_answered_without_a_key_and_the_same_for_every_path() throws Exception {
        try (ServletHost host = start(this::allowing)) {
            RawClient.Response known = preflight(host, "/api/chat", ALLOWED);

            assertThat(known.status()).isEqualTo(204);
            assertThat(known.header("Access-Control-Allow-Origin")).isEqualTo(ALLOWED);
            assertThat(known.header("Access-Control-Allow-Methods")).isEqualTo("GET, HEAD, POST");
            assertThat(known.header("Access-Control-Allow-Headers")
                            .toLowerCase(Locale.ROOT)
                            .split(", "))
                    .contains("authorization", "content-type", "x-api-key", "anthropic-version", "anthropic-beta");
            assertThat(known.header("Access-Control-Max-Age")).isEqualTo("600");
            assertThat(known.header("Vary")).isEqualTo("Origin");
            assertThat(known.header("Cache-Control")).isEqualTo("no-store");
            assertThat(known.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(known.header("X-Request-ID")).isNotBlank();
            assertThat(known.header("Access-Control-Allow-Credentials")).isNull();
            for (String path : List.of("/api/pull", "/api/ps", "/no/such", "/", "/api/tags;x")) {
                assertThat(lasting(preflight(host, path, ALLOWED)))
                        .describedAs(path)
                        .isEqualTo(lasting(known));
            }
            assertThat(reachedPipeline).hasValue(0);
        }
    }

    @Test
    void answers_to_an_allowed_origin_can_be_read_by_its_pages_also_the_denials() throws Exception {
        try (ServletHost host = start(this::allowing)) {
            RawClient.Response denied = send(host, "GET /api/tags", ALLOWED, "");
            RawClient.Response bad = send(host, "GET /api/tags", ALLOWED, "Transfer-Encoding: identity\r\n");

            for (RawClient.Response response : List.of(denied, bad)) {
                assertThat(response.status()).isIn(400, 401, 501);
            }
            assertThat(denied.header("Access-Control-Allow-Origin")).isEqualTo(ALLOWED);
            assertThat(denied.header("Vary")).isEqualTo("Origin");
            assertThat(denied.header("Access-Control-Expose-Headers"))
                    .contains(
                            "X-Request-ID",
                            "Retry-After",
                            "X-Gateway-Adjusted",
                            "x-ratelimit-remaining-tokens",
                            "X-Budget-Reset");
            assertThat(denied.header("Access-Control-Allow-Credentials")).isNull();
        }
    }

    @Test
    void any_other_origin_gets_what_it_would_get_and_no_word_about_origins() throws Exception {
        try (ServletHost host = start(this::allowing)) {
            for (String origin : List.of(
                    "https://evil.example",
                    "https://chat.example.evil.example",
                    "https://chat.example:8443",
                    "http://chat.example",
                    "https://CHAT.example",
                    "https://chat.example/",
                    "null",
                    "*",
                    ALLOWED + "\r\nOrigin: https://evil.example")) {
                assertThat(corsHeaders(send(host, "GET /api/tags", origin, "")))
                        .describedAs(origin)
                        .isEmpty();

                RawClient.Response preflight = preflight(host, "/api/chat", origin);
                assertThat(preflight.status()).describedAs(origin).isEqualTo(401);
                assertThat(corsHeaders(preflight)).describedAs(origin).isEmpty();
            }
        }
    }

    @Test
    void OPTIONS_that_is_no_preflight_goes_the_way_of_any_method() throws Exception {
        try (ServletHost host = start(this::allowing)) {
            assertThat(send(host, "OPTIONS /api/chat", ALLOWED, "").status()).isEqualTo(401);
            assertThat(reachedPipeline).hasValue(1);
        }
    }

    private GatewayFilter.Builder allowing(GatewayFilter.Builder builder) {
        return builder.corsAllowedOrigins(AllowedOrigins.parse("http://localhost:3000, " + ALLOWED));
    }

    private ServletHost start(UnaryOperator<GatewayFilter.Builder> change) {
        return ServletHost.start(
                kind,
                change.apply(GatewayFilter.builder((ClientExchange exchange) -> {
                            reachedPipeline.incrementAndGet();
                            exchange.answer(Answer.json(401, "{}"));
                        }))
                        .build());
    }

    private static RawClient.Response preflight(ServletHost host, String path, String origin) throws IOException {
        return send(
                host,
                "OPTIONS " + path,
                origin,
                "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n");
    }

    private static RawClient.Response send(ServletHost host, String line, String origin, String headers)
            throws IOException {
        try (RawClient client = new RawClient(host.port())) {
            return client.send(line + " HTTP/1.1\r\nHost: h\r\nOrigin: " + origin + "\r\n" + headers + "\r\n")
                    .response();
        }
    }

    private static List<String> corsHeaders(RawClient.Response response) {
        return response.headers().stream()
                .filter(line -> line.startsWith("Access-Control") || line.startsWith("Vary"))
                .toList();
    }

    /** All but what is different for each answer. */
    private static List<String> lasting(RawClient.Response response) {
        return response.headers().stream()
                .filter(line -> !line.startsWith("Date") && !line.startsWith("X-Request-ID"))
                .sorted()
                .toList();
    }
}
