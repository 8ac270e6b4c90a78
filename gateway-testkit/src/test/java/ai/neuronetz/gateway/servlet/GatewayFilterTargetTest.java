package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.ollama.Route;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
class GatewayFilterTargetTest {

    /** Paths that at least one container makes into a known one, or that look as if it should. */
    private static final List<String> NEARLY_KNOWN = List.of(
            "/api/tags;/../delete",
            "/v1;/../api/tags",
            "/api/chat/../tags",
            "/api/x/../tags",
            "/api/./tags",
            "/api/..;/api/tags",
            "/v1/models/..;/..;/api/tags",
            "/api/%2e%2e/api/tags",
            "/api/%2E/tags",
            "/v1/models/%2e%2e/%2e%2e/api/tags",
            "/api//tags",
            "//api/tags",
            "/api/tags;jsessionid=1",
            "/api/tags;",
            "/api;x=1/tags",
            "/;/api/tags",
            "/api/%74ags",
            "/%61pi/tags",
            "/api%2ftags",
            "/api/tags%3bx",
            "/api/tags%20",
            "/api/tags%23x",
            "/api/tags%3f",
            "/api/tags.",
            "/api/tags/",
            "/api/tags%0d%0aX:1",
            "/api/tags%09",
            "/api/tags%7f",
            "/api/tags%0a",
            "/api/tags%00",
            "/api/%252e%252e/tags",
            "/api\\tags",
            "/api%5ctags",
            "/api/%u0074ags",
            "/api/%c0%ae/tags",
            "/api/\u00ff/../tags",
            "/API/tags",
            "/api/Tags",
            "/llm/api/tags",
            "api/tags",
            "*",
            "tags",
            "http://other.example/api/tags/");

    private final ServletHost.Kind kind;
    private final BlockingQueue<ClientRequest> seen = new LinkedBlockingQueue<>();

    GatewayFilterTargetTest(ServletHost.Kind kind) {
        this.kind = kind;
    }

    @Test
    void only_the_path_that_is_byte_equal_is_a_known_route() throws Exception {
        try (ServletHost host = ServletHost.start(kind, filter("").build())) {
            assertThat(target(host, "/api/tags")).isEqualTo("/api/tags");
            for (String raw : NEARLY_KNOWN) {
                assertThat(isKnown(target(host, raw))).describedAs(raw).isFalse();
            }
        }
    }

    @Test
    void below_a_context_path_and_a_prefix_the_rest_is_the_target() throws Exception {
        try (ServletHost host =
                ServletHost.start(kind, filter("/llm").build(), settings -> settings.contextPath = "/app")) {
            assertThat(target(host, "/app/llm/api/tags")).isEqualTo("/api/tags");
            assertThat(target(host, "/app/llm/")).isEqualTo("/");
            assertThat(target(host, "/app/api/tags")).isEmpty();
            assertThat(target(host, "/app/llm")).isEmpty();
            assertThat(target(host, "/app/llmapi/tags")).isEmpty();
            for (String raw : NEARLY_KNOWN) {
                String target = target(host, "/app/llm" + raw);
                assertThat(isKnown(target)).describedAs(raw).isFalse();
            }
            for (String raw : List.of(
                    "/%61pp/llm/api/tags",
                    "/app;x/llm/api/tags",
                    "/app/%6clm/api/tags",
                    "/x/../app/llm/api/tags",
                    "//app/llm/api/tags",
                    "/app/x/../llm/api/tags")) {
                assertThat(isKnown(target(host, raw))).describedAs(raw).isFalse();
            }
        }
    }

    @Test
    void the_root_is_a_slash() throws Exception {
        try (ServletHost host = ServletHost.start(kind, filter("").build())) {
            assertThat(target(host, "/")).isEqualTo("/");
        }
    }

    @Test
    void a_query_is_part_of_the_target_and_makes_it_unknown() throws Exception {
        try (ServletHost host = ServletHost.start(kind, filter("").build())) {
            assertThat(target(host, "/api/tags?key=nng_x&a=/../b")).isEqualTo("/api/tags?key=nng_x&a=/../b");
            assertThat(target(host, "/v1/messages?beta=true")).isEqualTo("/v1/messages?beta=true");
            for (String query : List.of("?x=1", "?%2e", "?;", "??", "?/../tags", "?/api/tags")) {
                assertThat(isKnown(target(host, "/api/tags" + query)))
                        .describedAs(query)
                        .isFalse();
            }
            assertThat(target(host, "/api/%74ags?x=1")).isEqualTo("");
        }
    }

    @Test
    void the_name_of_a_model_may_be_written_as_javascript_writes_it() throws Exception {
        try (ServletHost host = ServletHost.start(kind, filter("").build())) {
            for (String raw : List.of("/v1/models/llama3:8b", "/v1/models/llama3%3A8b", "/v1/models/llama3%3a8b")) {
                assertThat(target(host, raw)).isEqualTo(raw);
                assertThat(Route.of("GET", raw)).isEqualTo(new Route.OneModel("llama3:8b"));
            }
            assertThat(target(host, "/v1/models/hf.co/u/m:Q4")).isEqualTo("/v1/models/hf.co/u/m:Q4");
            // Both containers refuse an encoded slash before the filter sees it.
            assertThat(target(host, "/v1/models/hf.co%2Fu%2Fm:Q4")).isNull();
            for (String raw : List.of("/v1/models/%6clama3", "/v1/models/a%253A8b", "/v1/models/a%3bb")) {
                assertThat(isKnown(target(host, raw))).describedAs(raw).isFalse();
            }
        }
    }

    @Test
    void two_headers_of_a_name_are_two_values_in_their_order() throws Exception {
        try (ServletHost host = ServletHost.start(kind, filter("").build());
                RawClient client = new RawClient(host.port())) {
            client.send("GET /api/tags HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\n"
                    + "X-Other: 1\r\nauthorization: Bearer b\r\n\r\n");
            client.response();

            ClientRequest request = next();
            assertThat(request.headers("Authorization")).containsExactly("Bearer a", "Bearer b");
            assertThat(request.peer()).isEqualTo(InetAddress.getByName("127.0.0.1"));
        }
    }

    @Test
    void a_forwarding_header_does_not_change_the_peer() throws Exception {
        try (ServletHost host = ServletHost.start(kind, filter("").build());
                RawClient client = new RawClient(host.port())) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
            client.response();

            assertThat(next().peer()).isEqualTo(InetAddress.getByName("127.0.0.1"));
        }
    }

    @Test
    void a_method_is_passed_on_as_it_was_sent() throws Exception {
        try (ServletHost host = ServletHost.start(kind, filter("").build())) {
            for (String method : List.of("get", "FOO", "OPTIONS", "DELETE")) {
                try (RawClient client = new RawClient(host.port())) {
                    client.send(method + " /api/tags HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
                    client.everything();

                    assertThat(next().method()).isEqualTo(method);
                }
            }
        }
    }

    @Test
    void a_prefix_that_could_be_read_in_two_ways_is_refused() {
        for (String prefix : List.of("llm", "/llm/", "/", "/a b", "/a%62", "/../x", "/a;b", "//a")) {
            assertThatThrownBy(() -> filter(prefix).build())
                    .describedAs(prefix)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected");
        }
    }

    private GatewayFilter.Builder filter(String prefix) {
        return GatewayFilter.builder((ClientExchange exchange) -> {
                    seen.add(exchange.request());
                    exchange.answer(Answer.json(200, "{}"));
                })
                .prefix(prefix);
    }

    /** What the filter made of a raw target; null if the container refused it. */
    private @Nullable String target(ServletHost host, String raw) throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.send("GET " + raw + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            String answer = client.everything();
            assertThat(answer).doesNotContain("behind the gateway");
        }
        ClientRequest request = seen.poll();
        return request == null ? null : request.target();
    }

    private static boolean isKnown(@Nullable String target) {
        return target != null
                && Stream.of("GET", "POST")
                        .map(method -> Route.of(method, target))
                        .anyMatch(route -> route instanceof Route.Known || route instanceof Route.OneModel);
    }

    private ClientRequest next() throws InterruptedException {
        ClientRequest request = seen.poll(10, TimeUnit.SECONDS);
        assertThat(request).isNotNull();
        return request;
    }
}
