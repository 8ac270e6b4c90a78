package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.ClientStream;
import ai.neuronetz.gateway.exchange.RequestBody;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The filter among other parts of a host, some of which do what an asynchronous answer cannot bear. */
@ParameterizedClass
@MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
@Tag(ServletHost.TAG)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GatewayFilterHostTest {

    private static final Answer HEAD = Answer.of(200).with("Content-Type", "application/x-ndjson");

    private final ServletHost.Kind kind;
    private final HostLog log = new HostLog();
    private final BlockingQueue<ClientRequest> seen = new LinkedBlockingQueue<>();

    GatewayFilterHostTest(ServletHost.Kind kind) {
        this.kind = kind;
    }

    @AfterEach
    void stopReading() {
        log.close();
    }

    @Test
    void below_a_nested_context_path_and_a_prefix_the_rest_is_the_target() throws Exception {
        try (ServletHost host = host(this::streamOne, "/v1.0/gw", settings -> settings.contextPath = "/apps/llm")) {
            for (String path : List.of("/healthz", "/readyz", "/api/chat", "/v1/models/llama3%3A8b")) {
                assertThat(target(host, "/apps/llm/v1.0/gw" + path)).isEqualTo(path);
            }
            for (String path : List.of(
                    "/apps/llm/healthz",
                    "/apps/llm/v1.0/gw",
                    "/apps/llm/v1.0//gw/healthz",
                    "/apps/%6clm/v1.0/gw/healthz",
                    "/apps/llm/v1%2e0/gw/healthz",
                    "/apps/./llm/v1.0/gw/healthz",
                    "/apps/llm/v1.0/gw/%68ealthz")) {
                assertThat(target(host, path)).describedAs(path).isIn("", null);
            }
        }
    }

    @Test
    void the_context_path_without_its_slash_is_the_hosts() throws Exception {
        try (ServletHost host = host(this::streamOne, "", settings -> settings.contextPath = "/app");
                RawClient client = new RawClient(host.port())) {
            RawClient.Response response = client.get("/app").response();

            assertThat(response.status()).isIn(301, 302);
            assertThat(response.header("Location")).endsWith("/app/");
            assertThat(seen).isEmpty();
        }
    }

    @Test
    void a_context_path_below_which_nothing_could_be_served_stops_the_application() throws Exception {
        try (ServletHost host = host(this::streamOne, "", settings -> settings.contextPath = "/caf\u00e9");
                RawClient client = new RawClient(host.port())) {
            // Tomcat goes on without the application.
            assertThat(client.get("/caf%C3%A9/api/chat").response().status()).isEqualTo(404);
        } catch (IllegalStateException refused) {
            assertThat(refused).hasRootCauseInstanceOf(IllegalArgumentException.class);
        }
        assertThat(seen).isEmpty();
    }

    @Test
    void other_paths_are_other_servlets() throws Exception {
        try (ServletHost host = host(this::streamOne, "/llm", settings -> settings.mapping = "/llm/*");
                RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/other").response().body()).isEqualTo("behind the gateway");
            assertThat(client.get("/llmother").response().body()).isEqualTo("behind the gateway");
            assertThat(client.get("/llm/api/chat").response().body()).isEqualTo("frame");
        }
    }

    @Test
    void headers_attributes_encodings_and_a_wrapper_that_only_looks_do_no_harm() throws Exception {
        ByteArrayOutputStream copy = new ByteArrayOutputStream();
        Filter before = (request, response, chain) -> {
            request.setCharacterEncoding("UTF-16");
            request.setAttribute("secret", "of another filter");
            response.setCharacterEncoding("UTF-16");
            ((HttpServletResponse) response).setHeader("X-Host", "kept");
            chain.doFilter(request, new Tee((HttpServletResponse) response, copy));
        };
        try (ServletHost host = host(this::streamOne, "", settings -> settings.before = before);
                RawClient client = new RawClient(host.port())) {
            RawClient.Response response = client.get("/api/chat").response();

            assertThat(response.body()).isEqualTo("frame");
            assertThat(response.whole()).isTrue();
            assertThat(response.header("X-Host")).isEqualTo("kept");
            assertThat(response.headers().toString()).doesNotContain("secret", "another");
            assertThat(copy.toString(StandardCharsets.UTF_8)).isEqualTo("frame");
        }
    }

    @Test
    void a_form_that_another_filter_has_read_is_not_served_and_the_log_says_why() throws Exception {
        CompletableFuture<RequestBody> body = new CompletableFuture<>();
        Filter before = (request, response, chain) -> {
            request.getParameter("model");
            chain.doFilter(request, response);
        };
        try (ServletHost host = host(
                        exchange -> exchange.readBody(1000, read -> {
                            body.complete(read);
                            exchange.answer(Answer.of(400));
                        }),
                        "",
                        settings -> settings.before = before);
                RawClient client = new RawClient(host.port())) {
            client.send("POST /api/chat HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 9\r\n\r\n{\"a\": 1 }");

            assertThat(client.response().status()).isEqualTo(400);
            assertThat(body.get(5, TimeUnit.SECONDS)).isInstanceOf(RequestBody.Broken.class);
            assertThat(log.lines()).singleElement().asString().contains("getParameter");
        }
    }

    @Test
    void a_body_that_another_filter_has_taken_is_denied_and_the_log_says_why() throws Exception {
        Filter before = (request, response, chain) -> {
            request.getReader();
            chain.doFilter(request, response);
        };
        try (ServletHost host = host(
                        exchange -> exchange.readBody(1000, read -> exchange.answer(Answer.of(200))),
                        "",
                        settings -> settings.before = before);
                RawClient client = new RawClient(host.port())) {
            assertThat(client.post("/api/chat", "{}").response().status()).isEqualTo(503);
            assertThat(log.lines()).singleElement().asString().contains("has taken the request's body");
        }
    }

    @Test
    void a_wrapper_that_holds_the_answer_back_is_denied_and_the_log_names_it() throws Exception {
        Filter before =
                (request, response, chain) -> chain.doFilter(request, new Buffering((HttpServletResponse) response));
        CompletableFuture<Void> gone = new CompletableFuture<>();
        try (ServletHost host = host(
                        exchange -> exchange.stream(HEAD, () -> gone.complete(null)),
                        "",
                        settings -> settings.before = before);
                RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/api/chat").response().status()).isEqualTo(503);
            gone.get(5, TimeUnit.SECONDS);
            assertThat(log.lines()).singleElement().asString().contains(Buffering.class.getName());
        }
    }

    @Test
    void an_answer_that_another_filter_has_ended_already_does_not_look_whole() throws Exception {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        Filter before = (request, response, chain) -> {
            chain.doFilter(request, response);
            response.flushBuffer();
            passed.complete(null);
        };
        try (ServletHost host = host(
                        exchange -> passed.thenRun(() -> streamOne(exchange)),
                        "",
                        settings -> settings.before = before);
                RawClient client = new RawClient(host.port())) {
            String all = client.get("/api/chat").everything();

            assertThat(all).doesNotContain("frame").doesNotEndWith("0\r\n\r\n");
            assertThat(log.lines()).singleElement().asString().contains("had begun the answer");
        }
    }

    @Test
    void an_answer_whose_length_another_filter_has_set_is_denied() throws Exception {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        Filter before = (request, response, chain) -> {
            chain.doFilter(request, response);
            response.setContentLength(0);
            passed.complete(null);
        };
        try (ServletHost host = host(
                        exchange -> passed.thenRun(() -> streamOne(exchange)),
                        "",
                        settings -> settings.before = before);
                RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/api/chat").response().status()).isEqualTo(503);
            assertThat(log.lines()).singleElement().asString().contains("the answer's length");
        }
    }

    @Test
    void behind_a_filter_that_lets_requests_wait_and_dispatches_them_the_target_is_the_clients() throws Exception {
        try (ServletHost host = host(this::streamOne, "/llm", settings -> {
                    settings.contextPath = "/app";
                    settings.before = dispatching(AsyncContext::dispatch);
                });
                RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/app/llm/api/chat?x=1").response().body()).isEqualTo("frame");
            assertThat(next().target()).isEqualTo("/api/chat?x=1");
            client.get("/app/llm/x/../api/chat").response();
            assertThat(next().target()).isEmpty();
            client.get("/app/llm/api/ch%61t").response();
            assertThat(next().target()).isEmpty();
        }
    }

    @Test
    void a_filter_that_dispatches_to_another_path_does_not_make_it_the_clients() throws Exception {
        try (ServletHost host = host(
                        this::streamOne,
                        "",
                        settings -> settings.before = dispatching(async -> async.dispatch("/api/tags?x=2")));
                RawClient client = new RawClient(host.port())) {
            client.get("/api/chat").response();

            assertThat(next().target()).isEmpty();
        }
    }

    @Test
    void a_filter_that_calls_startAsync_and_goes_on_is_denied_and_the_log_says_why() throws Exception {
        Filter before = (request, response, chain) -> {
            AsyncContext async = request.startAsync();
            chain.doFilter(request, response);
            async.complete();
        };
        try (ServletHost host = host(this::streamOne, "", settings -> settings.before = before);
                RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/api/chat").response().status()).isEqualTo(503);
            assertThat(log.lines()).singleElement().asString().contains("has called startAsync");
            assertThat(seen).isEmpty();
        }
    }

    @Test
    void a_filter_without_async_supported_is_denied_and_the_log_says_what_to_do() throws Exception {
        for (boolean outer : List.of(true, false)) {
            try (ServletHost host = host(this::streamOne, "", settings -> {
                        settings.beforeAsync = !outer;
                        settings.async = outer;
                    });
                    RawClient client = new RawClient(host.port())) {
                assertThat(client.get("/api/chat").response().status()).isEqualTo(503);
                assertThat(seen).isEmpty();
            }
        }
        assertThat(log.lines()).hasSize(2).allMatch(line -> line.contains("async-supported"));
    }

    private ServletHost host(
            Consumer<ClientExchange> pipeline, String prefix, Consumer<ServletHost.Settings> settings) {
        GatewayFilter filter = GatewayFilter.builder((ClientExchange exchange) -> {
                    seen.add(exchange.request());
                    pipeline.accept(exchange);
                })
                .prefix(prefix)
                .writeTimeout(Duration.ofSeconds(20))
                .build();
        return ServletHost.start(kind, filter, settings);
    }

    private void streamOne(ClientExchange exchange) {
        ClientStream stream = exchange.stream(HEAD, () -> {});
        stream.write(ByteBuffer.wrap("frame".getBytes(StandardCharsets.US_ASCII)), stream::end);
    }

    private @Nullable String target(ServletHost host, String path) throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.get(path).response();
        }
        ClientRequest request = seen.poll();
        return request == null ? null : request.target();
    }

    private ClientRequest next() throws InterruptedException {
        ClientRequest request = seen.poll(10, TimeUnit.SECONDS);
        assertThat(request).isNotNull();
        return request;
    }

    private static Filter dispatching(Consumer<AsyncContext> dispatch) {
        return (request, response, chain) -> {
            AsyncContext async = request.startAsync();
            CompletableFuture.runAsync(() -> dispatch.accept(async));
        };
    }

    /** Copies what passes. */
    private static final class Tee extends HttpServletResponseWrapper {

        private final ByteArrayOutputStream copy;

        private Tee(HttpServletResponse response, ByteArrayOutputStream copy) {
            super(response);
            this.copy = copy;
        }

        @Override
        public ServletOutputStream getOutputStream() throws IOException {
            ServletOutputStream output = super.getOutputStream();
            return new Output(output, copy) {
                @Override
                public void write(int next) throws IOException {
                    copy.write(next);
                    output.write(next);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    copy.write(bytes, offset, length);
                    output.write(bytes, offset, length);
                }

                @Override
                public void flush() throws IOException {
                    output.flush();
                }
            };
        }
    }

    /** Keeps everything until the chain has returned, as filters do that compress or sign. */
    private static final class Buffering extends HttpServletResponseWrapper {

        private Buffering(HttpServletResponse response) {
            super(response);
        }

        @Override
        public ServletOutputStream getOutputStream() throws IOException {
            return new Output(super.getOutputStream(), new ByteArrayOutputStream());
        }
    }

    private static class Output extends ServletOutputStream {

        private final ServletOutputStream events;
        private final ByteArrayOutputStream bytes;

        private Output(ServletOutputStream events, ByteArrayOutputStream bytes) {
            this.events = events;
            this.bytes = bytes;
        }

        @Override
        public boolean isReady() {
            return events.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            events.setWriteListener(listener);
        }

        @Override
        public void write(int next) throws IOException {
            bytes.write(next);
        }
    }
}
