package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.RequestBody;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
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
class GatewayFilterAnswerTest {

    private final ServletHost.Kind kind;
    private final AtomicReference<Consumer<ClientExchange>> pipeline = new AtomicReference<>(exchange -> {});
    private ServletHost host;

    GatewayFilterAnswerTest(ServletHost.Kind kind) {
        this.kind = kind;
        host = start(builder());
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void an_answer_has_exactly_its_headers_and_its_length() throws Exception {
        pipeline.set(exchange -> exchange.answer(
                Answer.json(200, "{\"a\":1}").with("X-Request-ID", "7").with("Cache-Control", "no-store")));

        try (RawClient client = new RawClient(host.port())) {
            RawClient.Response response = client.get("/api/tags").response();

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("{\"a\":1}");
            assertThat(response.headers().stream()
                            .filter(line -> !line.startsWith("Date:"))
                            .map(line -> line.replace("; charset", ";charset")))
                    .containsExactlyInAnyOrder(
                            "Content-Type: application/json;charset=utf-8",
                            "X-Request-ID: 7",
                            "Cache-Control: no-store",
                            "Content-Length: 7");
        }
    }

    @Test
    void HEAD_gets_the_length_and_no_body_and_the_connection_goes_on() throws Exception {
        pipeline.set(exchange -> exchange.answer(Answer.of(200, "text/plain", "banner".getBytes())));

        try (RawClient client = new RawClient(host.port())) {
            client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            RawClient.Response head = client.headResponse();
            RawClient.Response next = client.get("/").response();

            assertThat(head.header("Content-Length")).isEqualTo("6");
            assertThat(next.body()).isEqualTo("banner");
        }
    }

    @Test
    void an_answer_of_a_megabyte_arrives_whole_from_another_thread() throws Exception {
        byte[] body = "x".repeat(1 << 20).getBytes();
        pipeline.set(exchange -> CompletableFuture.runAsync(() -> exchange.answer(Answer.of(200, "text/plain", body))));

        try (RawClient client = new RawClient(host.port())) {
            RawClient.Response response = client.get("/").response();

            assertThat(response.whole()).isTrue();
            assertThat(response.body()).hasSize(1 << 20);
        }
    }

    @Test
    void a_body_is_read_and_a_pipelined_second_request_is_served_for_itself() throws Exception {
        pipeline.set(this::echo);

        try (RawClient client = new RawClient(host.port())) {
            client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none"
                    + "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
                    + "GET /c HTTP/1.1\r\nHost: h\r\n\r\n");

            assertThat(client.response().body()).isEqualTo("/a Complete one");
            assertThat(client.response().body()).isEqualTo("/b Complete two");
            assertThat(client.response().body()).isEqualTo("/c Complete ");
        }
    }

    @Test
    void a_body_of_the_limit_passes_and_one_byte_more_is_too_large() throws Exception {
        pipeline.set(this::echo);

        try (RawClient client = new RawClient(host.port())) {
            assertThat(client.post("/", "x".repeat(100)).response().body()).startsWith("/ Complete xxx");

            assertThat(client.post("/", "x".repeat(101)).response().body()).isEqualTo("/ TooLarge");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void a_declared_body_too_large_is_refused_before_a_byte_of_it_came() throws Exception {
        pipeline.set(this::echo);

        try (RawClient client = new RawClient(host.port())) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n");

            RawClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("/ TooLarge");
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void a_chunked_body_too_large_is_refused_and_its_rest_is_no_request() throws Exception {
        pipeline.set(this::echo);

        try (RawClient client = new RawClient(host.port())) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + "x".repeat(101)
                    + "\r\n0\r\n\r\nGET /second HTTP/1.1\r\nHost: h\r\n\r\n");

            assertThat(client.response().body()).isEqualTo("/ TooLarge");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void an_answer_before_the_body_was_read_closes_the_connection() throws Exception {
        pipeline.set(exchange -> exchange.answer(Answer.json(401, "{}")));

        try (RawClient client = new RawClient(host.port())) {
            client.post("/", "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");

            assertThat(client.response().status()).isEqualTo(401);
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void a_client_that_is_still_sending_five_megabytes_gets_to_read_why_it_was_refused() throws Exception {
        pipeline.set(this::echo);

        try (RawClient client = new RawClient(host.port())) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
            sendAsLongAsItIsTaken(client, "x".repeat(300_000));

            assertThat(client.response().body()).isEqualTo("/ TooLarge");
        }
    }

    /** The host may close before it has read all of it, and the answer is there to be read. */
    private static void sendAsLongAsItIsTaken(RawClient client, String text) {
        try {
            client.send(text);
        } catch (IOException closed) {
            assertThat(closed).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void a_broken_chunk_is_a_broken_body() throws Exception {
        for (String chunk :
                List.of("0x5\r\nhello\r\n", "5;a=\"\r\n\r\nhello", "fffffffffffffffff\r\n", "-5\r\nhello\r\n")) {
            CompletableFuture<RequestBody> seen = new CompletableFuture<>();
            pipeline.set(exchange -> exchange.readBody(100, body -> {
                seen.complete(body);
                exchange.answer(Answer.json(400, "{}"));
            }));

            try (RawClient client = new RawClient(host.port())) {
                client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);

                assertThat(client.closedAfterAnswer()).describedAs(chunk).isTrue();
                if (seen.isDone()) {
                    assertThat(seen.join()).isInstanceOf(RequestBody.Broken.class);
                }
            }
        }
    }

    @Test
    void a_chunked_body_in_HTTP_1_0_and_a_coding_beside_chunked_are_broken() throws Exception {
        pipeline.set(this::echo);

        for (String head : List.of(
                "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")) {
            try (RawClient client = new RawClient(host.port())) {
                client.send(head + "3\r\ntwo\r\n0\r\n\r\n");

                assertThat(client.everything()).doesNotContain("Complete");
            }
        }
    }

    @Test
    void a_body_that_trickles_is_broken_after_its_time() throws Exception {
        restart(builder().bodyTimeout(Duration.ofMillis(300)));
        pipeline.set(this::echo);

        try (RawClient client = new RawClient(host.port())) {
            long start = System.nanoTime();
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");

            assertThat(client.response().body()).isEqualTo("/ Broken");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(290), Duration.ofSeconds(2));
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void a_client_that_leaves_in_its_body_is_a_broken_body() throws Exception {
        CompletableFuture<RequestBody> seen = new CompletableFuture<>();
        pipeline.set(exchange -> exchange.readBody(100, seen::complete));

        try (RawClient client = new RawClient(host.port())) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
        }

        assertThat(seen.get(5, TimeUnit.SECONDS)).isInstanceOf(RequestBody.Broken.class);
    }

    @Test
    void a_receiver_may_block_without_stalling_other_connections_or_the_answer() throws Exception {
        CompletableFuture<Void> release = new CompletableFuture<>();
        pipeline.set(exchange -> exchange.readBody(100, body -> {
            if (exchange.request().target().equals("/slow")) {
                release.join();
            }
            exchange.answer(Answer.json(200, "{}"));
        }));

        try (RawClient slow = new RawClient(host.port());
                RawClient quick = new RawClient(host.port())) {
            slow.post("/slow", "{}");

            assertThat(quick.post("/quick", "{}").response().status()).isEqualTo(200);
            release.complete(null);
            assertThat(slow.response().status()).isEqualTo(200);
        }
    }

    @Test
    void an_exception_that_escapes_the_pipeline_is_a_constant_503() throws Exception {
        for (Consumer<ClientExchange> failing : List.<Consumer<ClientExchange>>of(
                exchange -> {
                    throw new IllegalStateException("secret");
                },
                exchange -> {
                    throw new AssertionError("secret");
                },
                exchange -> exchange.readBody(100, body -> {
                    throw new IllegalStateException("secret");
                }))) {
            pipeline.set(failing);

            try (RawClient client = new RawClient(host.port())) {
                RawClient.Response response = client.post("/api/chat", "{}").response();

                assertThat(response.status()).isEqualTo(503);
                assertThat(response.header("Cache-Control")).isEqualTo("no-store");
                assertThat(response.body())
                        .isEqualTo("{\"error\":\"The request could not be checked and was therefore denied.\","
                                + "\"code\":\"internal_error\",\"request_id\":\""
                                + response.header("X-Request-ID")
                                + "\"}");
            }
        }
    }

    @Test
    void a_filter_that_was_mapped_without_async_denies() throws Exception {
        host.close();
        host = ServletHost.start(kind, builder().build(), settings -> settings.async = false);
        pipeline.set(exchange -> exchange.answer(Answer.json(200, "{}")));

        try (RawClient client = new RawClient(host.port())) {
            RawClient.Response response = client.get("/api/tags").response();

            assertThat(response.status()).isEqualTo(503);
        }
    }

    @Test
    void the_deciding_stages_run_on_the_executor_that_was_given() throws Exception {
        var executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "admission"));
        try {
            restart(builder().admissionExecutor(executor));
            pipeline.set(exchange -> {
                String first = Thread.currentThread().getName();
                exchange.readBody(
                        100,
                        body -> exchange.answer(Answer.of(
                                200,
                                "text/plain",
                                (first + " " + Thread.currentThread().getName()).getBytes())));
            });

            try (RawClient client = new RawClient(host.port())) {
                assertThat(client.post("/", "{}").response().body()).isEqualTo("admission admission");
            }
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void an_executor_that_rejects_is_a_denial() throws Exception {
        restart(builder().admissionExecutor(task -> {
            throw new RejectedExecutionException("full");
        }));

        try (RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/").response().status()).isEqualTo(503);
        }
    }

    private GatewayFilter.Builder builder() {
        return GatewayFilter.builder((ClientExchange exchange) -> pipeline.get().accept(exchange));
    }

    private ServletHost start(GatewayFilter.Builder builder) {
        return ServletHost.start(kind, builder.build());
    }

    private void restart(GatewayFilter.Builder builder) {
        host.close();
        host = start(builder);
    }

    private void echo(ClientExchange exchange) {
        exchange.readBody(100, body -> {
            String text = body instanceof RequestBody.Complete complete ? " " + new String(complete.bytes()) : "";
            exchange.answer(Answer.of(
                    200,
                    "text/plain",
                    (exchange.request().target() + " " + body.getClass().getSimpleName() + text).getBytes()));
        });
    }
}
