package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
class PlaygroundTest {

    private static final String PAGE = "<!doctype html>\n<style>p{}</style>\n<script>\nrun();\n</script>\n";

    private final ServletHost.Kind kind;
    private final AtomicInteger reachedPipeline = new AtomicInteger();

    PlaygroundTest(ServletHost.Kind kind) {
        this.kind = kind;
    }

    @Test
    void the_page_is_served_without_a_key_and_allows_only_itself() throws Exception {
        try (ServletHost host = start(Playground.of(PAGE));
                RawClient client = new RawClient(host.port())) {
            for (String target : List.of("/playground", "/playground/")) {
                RawClient.Response answer = client.get(target).response();

                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(PAGE);
                assertThat(answer.header("Content-Type")).containsIgnoringCase("text/html");
                // The hashes were taken with: printf 'p{}' | openssl dgst -sha256 -binary | base64, and the like.
                assertThat(answer.header("Content-Security-Policy"))
                        .isEqualTo(
                                "default-src 'none'; script-src 'sha256-8Nic6TNoKbU2fN/Yduzc28MgjFgcikm6fSU0x0dR3EU='; style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y=';"
                                        + " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                                        + " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'");
                assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
                assertThat(answer.header("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
                assertThat(answer.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
                assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
                assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
                assertThat(answer.header("X-Request-ID")).isNotBlank();
                assertThat(answer.header("Server")).isNull();
            }
            client.send("HEAD /playground HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.headResponse().status()).isEqualTo(200);
        }
        assertThat(reachedPipeline).hasValue(0);
    }

    @Test
    void other_methods_are_told_which_there_are() throws Exception {
        try (ServletHost host = start(Playground.of(PAGE));
                RawClient client = new RawClient(host.port())) {
            for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "get")) {
                client.send(method + " /playground HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
                RawClient.Response answer = client.response();

                assertThat(answer.status()).describedAs(method).isEqualTo(405);
                assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
                assertThat(answer.body()).contains("method_not_allowed");
            }
        }
        assertThat(reachedPipeline).hasValue(0);
    }

    @Test
    void only_a_target_that_is_byte_equal_is_the_page() throws Exception {
        try (ServletHost host = start(Playground.of(PAGE))) {
            for (String target : List.of(
                    "/playground?",
                    "/playground?key=nng_x",
                    "/playground//",
                    "//playground",
                    "/playground;x",
                    "/;x/playground",
                    "/./playground",
                    "/x/../playground",
                    "/%70layground",
                    "/playground%2f",
                    "/playground/index.html",
                    "/Playground",
                    "/playground.")) {
                try (RawClient client = new RawClient(host.port())) {
                    assertThat(client.get(target).response().status())
                            .describedAs(target)
                            .isIn(400, 401, 404);
                }
            }
        }
    }

    @Test
    void without_a_page_its_paths_are_the_pipelines_like_any() throws Exception {
        try (ServletHost host = start(Playground.NONE);
                RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/playground").response().status()).isEqualTo(401);
            assertThat(client.get("/playground/").response().status()).isEqualTo(401);
            assertThat(client.post("/playground", "").response().status()).isEqualTo(401);
        }
        assertThat(reachedPipeline).hasValue(3);
    }

    @Test
    void line_ends_are_served_as_browsers_read_them_before_they_hash() throws Exception {
        try (ServletHost host = start(Playground.of(PAGE.replace("\n", "\r\n")));
                RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/playground").response().body()).isEqualTo(PAGE);
        }
    }

    @Test
    void a_page_whose_code_would_not_all_have_a_hash_is_refused() {
        for (String page : List.of(
                "",
                "<style></style>",
                "<script></script>",
                "<style></style><script src=x></script>",
                "<style></style><script></script><script></script>",
                "<style></style><SCRIPT></SCRIPT>",
                "<style></style><script></script><script\ndefer></script>",
                "<style media=x></style><script></script>",
                "<style></style><style></style><script></script>")) {
            assertThatIllegalArgumentException().describedAs(page).isThrownBy(() -> Playground.of(page));
        }
    }

    private ServletHost start(Playground playground) {
        return ServletHost.start(
                kind,
                GatewayFilter.builder((ClientExchange exchange) -> {
                            reachedPipeline.incrementAndGet();
                            exchange.answer(Answer.json(401, "{}"));
                        })
                        .playground(playground)
                        .build());
    }
}
