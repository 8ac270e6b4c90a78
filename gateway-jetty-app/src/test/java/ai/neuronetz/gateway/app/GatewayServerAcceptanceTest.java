package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GatewayServerAcceptanceTest {

    private static final long IDLE_MILLIS = 400;
    private static final Duration IDLE = Duration.ofMillis(IDLE_MILLIS);
    private static final ClientLimits LIMITS = new ClientLimits(100, Duration.ofSeconds(10), IDLE, IDLE);

    private final GatewayServer server = new GatewayServer("127.0.0.1", 0, new EchoFilter(), LIMITS);

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "TRACE", "FOO", "get", "OPTIONS"})
    void every_method_reaches_the_filter(String method) throws IOException {
        String answer = send(method + " /x HTTP/1.1\r\nHost: a\r\n");

        assertThat(answer).startsWith("HTTP/1.1 200").contains("reached " + method + " /x");
    }

    @Test
    void an_answer_does_not_say_which_server_wrote_it() throws IOException {
        String answer = send("GET /x HTTP/1.1\r\nHost: a\r\n");

        assertThat(answer).doesNotContainIgnoringCase("\nserver:").doesNotContainIgnoringCase("x-powered-by");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/..;/delete",
                "/api/%2e%2e/delete",
                "/api//tags",
                "//api/tags",
                "/api/%2ftags",
                "/api/%00",
                "/api/tags%0d%0aX:1",
                "/api/tags#x",
                "/api\\tags",
                "/api/%u0074ags",
                "/api/%ff",
            })
    void an_ambiguous_path_does_not_reach_the_filter(String target) throws IOException {
        String answer = send("GET " + target + " HTTP/1.1\r\nHost: a\r\n");

        assertRefused(answer, 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 1\r\nContent-Length: 1\r\n",
                "Content-Length: 1\r\nContent-Length: 2\r\n",
                "Content-Length: +1\r\n",
                "Content-Length : 1\r\n",
                "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: chunked, chunked\r\n",
                "Content-Length: 0x1\r\n",
                "Content-Length: 99999999999999999999\r\n",
                "X: \0\r\n",
                "Host: b\r\n",
                "X: a\r\n b\r\n",
                "X a\r\n",
                "X: a\n",
            })
    void broken_framing_does_not_reach_the_filter(String headers) throws IOException {
        String answer = send("POST /x HTTP/1.1\r\nHost: a\r\n" + headers);

        assertRefused(answer, 400);
    }

    @Test
    void a_request_without_host_does_not_reach_the_filter() throws IOException {
        assertRefused(send("GET /x HTTP/1.1\r\n"), 400);
    }

    @Test
    void http_0_9_is_not_served() throws IOException {
        String answer = RawHttp.exchange(server.port(), "GET /x\r\n\r\n");

        assertThat(answer).doesNotContain("reached");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/2.0", "HTTP/1.2", "HTTP/3", "HTTQ/1.1"})
    void other_versions_of_http_are_not_served(String version) throws IOException {
        assertThat(send("GET /x " + version + "\r\nHost: a\r\n"))
                .doesNotContain("reached")
                .matches("(?s)(HTTP/1.1 [45].*)?");
    }

    @Test
    void headers_over_16_kib_are_refused() throws IOException {
        String answer = send("GET /x HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(17 * 1024) + "\r\n");

        assertRefused(answer, 431);
    }

    @Test
    void headers_just_under_16_kib_are_accepted() throws IOException {
        String answer = send("GET /x HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(16_000) + "\r\n");

        assertThat(answer).startsWith("HTTP/1.1 200");
    }

    @Test
    void a_path_with_parameters_reaches_the_filter_as_it_was_sent() throws IOException {
        String answer = send("GET /api/tags;/../delete HTTP/1.1\r\nHost: a\r\n");

        assertThat(answer).contains("reached GET /api/tags;/../delete");
    }

    @Test
    void an_offer_to_upgrade_is_ignored() throws Exception {
        // The JDK's client makes it with the first request of every connection.
        HttpResponse<String> answer = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/x"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    @Test
    void what_a_broken_filter_throws_is_not_told() throws IOException {
        String answer = send("GET /throw HTTP/1.1\r\nHost: a\r\n");

        assertRefused(answer, 500);
    }

    @Test
    void an_answer_that_is_awaited_longer_than_the_idle_time_out_still_comes() throws IOException {
        String answer = send("GET /late HTTP/1.1\r\nHost: a\r\n");

        assertThat(answer).startsWith("HTTP/1.1 200").contains("late but whole");
    }

    @Test
    void a_connection_that_sends_nothing_is_closed() throws IOException {
        assertThat(RawHttp.exchange(server.port(), "GET /x HT")).doesNotContain("reached");
    }

    @Test
    void a_port_that_is_taken_is_told_at_the_start() {
        GatewayServer second = new GatewayServer("127.0.0.1", server.port(), new EchoFilter(), LIMITS);

        assertThatThrownBy(second::start).isInstanceOf(IOException.class);
        second.close();
    }

    private String send(String head) throws IOException {
        return RawHttp.exchange(server.port(), head + "Connection: close\r\n\r\n");
    }

    private static void assertRefused(String answer, int status) {
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status)
                .contains("\"error\":", "\"code\":", "\"request_id\":")
                .containsIgnoringCase("content-type: application/json")
                .containsIgnoringCase("x-request-id:")
                .containsIgnoringCase("cache-control: no-store")
                .containsIgnoringCase("x-content-type-options: nosniff")
                .containsIgnoringCase("connection: close")
                .doesNotContain("reached", "Exception", "etty", "canary")
                .doesNotContainIgnoringCase("\nserver:");
    }

    private static final class EchoFilter implements Filter {

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            HttpServletRequest http = (HttpServletRequest) request;
            switch (http.getRequestURI()) {
                case "/throw" -> throw new ServletException("canary");
                case "/late" -> {
                    AsyncContext async = http.startAsync();
                    async.setTimeout(0);
                    CompletableFuture.delayedExecutor(3 * IDLE_MILLIS, TimeUnit.MILLISECONDS)
                            .execute(() -> answer((HttpServletResponse) async.getResponse(), async));
                }
                default -> response.getWriter().print("reached " + http.getMethod() + " " + http.getRequestURI());
            }
        }

        private static void answer(HttpServletResponse response, AsyncContext async) {
            try {
                response.getWriter().print("late but whole");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } finally {
                async.complete();
            }
        }
    }
}
