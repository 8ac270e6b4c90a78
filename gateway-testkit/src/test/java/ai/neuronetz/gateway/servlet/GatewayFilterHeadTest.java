package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.RequestBody;
import ai.neuronetz.gateway.ollama.Route;
import ai.neuronetz.gateway.servlet.ServletHost.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Heads that containers read in different ways, and that the filter must answer in one. */
@ParameterizedClass
@MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
@Tag(ServletHost.TAG)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GatewayFilterHeadTest {

    private static final Set<Kind> NOWHERE = EnumSet.noneOf(Kind.class);
    private static final Set<Kind> TOMCAT = EnumSet.of(Kind.TOMCAT_10, Kind.TOMCAT_11);

    /** @param served in which containers, because they do not let the filter see what is wrong */
    private record Bad(String head, Set<Kind> served) {
        Bad(String head) {
            this(head, NOWHERE);
        }
    }

    private final Kind kind;
    private final BlockingQueue<ClientRequest> seen = new LinkedBlockingQueue<>();
    private final ServletHost host;

    GatewayFilterHeadTest(Kind kind) {
        this.kind = kind;
        this.host = ServletHost.start(kind, GatewayFilter.builder(this::answer).build());
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void a_head_that_can_be_read_in_two_ways_does_not_reach_the_pipeline_and_ends_the_connection() throws Exception {
        for (Bad bad : List.of(
                new Bad("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n", TOMCAT),
                new Bad("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n"),
                new Bad("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n"),
                new Bad("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n"),
                new Bad("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n"),
                new Bad("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n"),
                new Bad("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"),
                new Bad("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n"),
                new Bad("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n"),
                new Bad("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n"),
                new Bad("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n"),
                new Bad("GET / HTTP/1.1\r\nHost:\r\n"),
                new Bad("GET / HTTP/1.1\r\n"),
                new Bad("GET / HTTP/1.0\r\n"),
                new Bad("GET / HTTP/1.0\r\nHost:\r\n"),
                new Bad("GET /\r\n"),
                // The container puts the two lines together, and nobody sees that they were two.
                new Bad("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n", TOMCAT))) {
            seen.clear();
            try (RawClient client = new RawClient(host.port())) {
                client.send(bad.head() + "\r\n3\r\nabc\r\n0\r\n\r\nGET /second HTTP/1.1\r\nHost: h\r\n\r\n");

                String all = client.everything();
                assertThat(seen.isEmpty())
                        .describedAs(bad.head() + all)
                        .isEqualTo(!bad.served().contains(kind));
                assertThat(seen)
                        .describedAs(bad.head())
                        .noneMatch(request -> request.target().equals("/second"));
                assertThat(all).describedAs(bad.head()).doesNotContain("behind the gateway");
            }
        }
    }

    @Test
    void what_the_filter_itself_refuses_has_the_shape_of_the_dialect_that_was_called() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            assertThat(client.send("GET /v1/models HTTP/1.0\r\n\r\n").response().body())
                    .startsWith("{\"error\":{\"message\":");
        }
        try (RawClient client = new RawClient(host.port())) {
            assertThat(client.send("POST /v1/messages HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
                            .response()
                            .body())
                    .startsWith("{\"type\":\"error\",\"error\":{");
        }
    }

    @Test
    void what_the_filter_itself_refuses_has_the_headers_of_every_answer() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            RawClient.Response response =
                    client.send("GET /api/tags HTTP/1.0\r\n\r\n").response();

            assertThat(response.status()).isEqualTo(400);
            assertThat(response.body()).contains("\"code\":\"bad_request\"");
            assertThat(response.header("X-Request-ID")).isNotBlank();
            assertThat(response.header("Cache-Control")).isEqualTo("no-store");
            assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(response.header("Server")).isNull();
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void HTTP_1_0_with_a_host_is_served() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            assertThat(client.send("POST / HTTP/1.0\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
                            .response()
                            .body())
                    .isEqualTo("/ {}");
        }
    }

    @Test
    void an_offer_to_upgrade_is_ignored() throws Exception {
        for (String offer : List.of(
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n")) {
            try (RawClient client = new RawClient(host.port())) {
                client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n" + offer + "\r\n{}");

                assertThat(client.response().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void trailers_change_nothing() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n2\r\n{}\r\n"
                            + "0\r\nAuthorization: Bearer x\r\nContent-Length: 7\r\n\r\n");

            assertThat(client.response().body()).isEqualTo("/ {}");
            assertThat(seen.remove().headers("Authorization")).isEmpty();
        }
    }

    @Test
    void a_refusal_that_needs_no_body_comes_before_the_word_to_send_one() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.send("POST /refused HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");

            assertThat(client.response().status()).isEqualTo(415);
            assertThat(client.closed()).isTrue();
        }
        try (RawClient client = new RawClient(host.port())) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");

            if (kind == Kind.JETTY) {
                assertThat(client.response().status()).isEqualTo(100);
            }
            // Tomcat, asked to wait with the word until the body is read, says it to who reads without blocking only
            // when
            // the body comes; clients do not wait for it for ever.
            RawClient.Response response = client.send("abc").response();
            assertThat(kind == Kind.JETTY ? response.body() : client.response().body())
                    .isEqualTo("/ abc");
        }
    }

    @Test
    void methods_that_containers_like_to_answer_reach_the_filter_or_are_answered_without_it() throws Exception {
        boolean jetty = kind == Kind.JETTY;

        assertThat(statusOf("TRACE / HTTP/1.1")).isEqualTo(jetty ? 200 : 405);
        assertThat(seen.stream().map(ClientRequest::method).toList()).isEqualTo(jetty ? List.of("TRACE") : List.of());
        seen.clear();

        assertThat(statusOf("OPTIONS * HTTP/1.1")).isEqualTo(jetty ? 404 : 200);
        assertThat(seen).isEmpty();

        // What is 200 here is the test's; no endpoint goes by this method.
        assertThat(statusOf("CONNECT h:80 HTTP/1.1")).isEqualTo(jetty ? 200 : 501);
        assertThat(seen)
                .allMatch(request -> Route.of(request.method(), request.target()) instanceof Route.Unknown
                        || Route.of(request.method(), request.target()) instanceof Route.WrongMethod);
    }

    private int statusOf(String line) throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            return client.send(line + "\r\nHost: h:80\r\nConnection: close\r\n\r\n")
                    .response()
                    .status();
        }
    }

    private void answer(ClientExchange exchange) {
        seen.add(exchange.request());
        if (exchange.request().target().equals("/refused")) {
            exchange.answer(Answer.json(415, "{}"));
            return;
        }
        exchange.readBody(100, body -> {
            String text = body instanceof RequestBody.Complete complete ? new String(complete.bytes()) : "broken";
            exchange.answer(Answer.of(
                    body instanceof RequestBody.Complete ? 200 : 400,
                    "text/plain",
                    (exchange.request().target() + " " + text).getBytes()));
        });
    }
}
