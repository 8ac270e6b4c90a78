package ai.neuronetz.gateway.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OllamaDiscoveryTest {

    private static final Duration OFTEN = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String TAGS = "{\"models\":[{\"name\":\"llama3:8b\",\"digest\":\"" + "a".repeat(64) + "\"}]}";

    /** Answers one request of Ollama's. */
    private interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    private final AtomicInteger polls = new AtomicInteger();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile Reply tags = json(TAGS);
    private volatile Reply version = json("{\"version\":\"0.33.0\"}");
    private HttpServer server;
    private URI uri;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        // What is asked beside the polls is none of this test's business.
        server.createContext("/api/show", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.createContext("/", exchange -> {
            heads.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().containsKey("Upgrade"));
            boolean aboutVersion = exchange.getRequestURI().getPath().equals("/api/version");
            (aboutVersion ? version : tags).to(exchange);
            exchange.close();
            if (!aboutVersion) {
                polls.incrementAndGet();
            }
        });
        server.start();
        uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void the_first_poll_begins_at_once() {
        try (OllamaDiscovery discovery = OllamaDiscovery.start(uri, LONG, LONG, false)) {
            await(discovery::usable);

            ModelCatalog.Discovery seen = discovery.current().orElseThrow();
            assertThat(seen.version()).isEqualTo("0.33.0");
            assertThat(seen.models()).extracting(InstalledModel::spelling).containsExactly("llama3:8b");
            assertThat(heads).containsExactly("GET /api/tags false", "GET /api/version false");
        }
    }

    @Test
    void a_change_is_seen_at_the_next_poll() {
        try (OllamaDiscovery discovery = OllamaDiscovery.start(uri, OFTEN, LONG, false)) {
            await(discovery::usable);

            tags = json("{\"models\":[]}");

            await(() -> discovery.current().orElseThrow().models().isEmpty());
        }
    }

    @Test
    void an_answer_is_kept_through_failures_until_it_is_too_old() {
        try (OllamaDiscovery discovery = OllamaDiscovery.start(uri, OFTEN, Duration.ofSeconds(2), false)) {
            await(discovery::usable);

            tags = status(503, TAGS);
            int before = polls.get();

            await(() -> polls.get() >= before + 3);
            assertThat(discovery.usable()).isTrue();
            await(() -> !discovery.usable());
            assertThat(discovery.current()).isEmpty();

            tags = json(TAGS);
            await(discovery::usable);
        }
    }

    @Test
    void what_is_no_answer_is_a_failed_poll_and_polling_goes_on() {
        List<Reply> failures = List.of(
                json("garbage"),
                json("[]"),
                json("{\"models\":[{\"name\":"),
                status(404, TAGS),
                exchange -> {
                    exchange.getResponseHeaders().add("Location", uri + "/elsewhere");
                    exchange.sendResponseHeaders(302, -1);
                },
                HttpExchange::close,
                OllamaDiscoveryTest::tooLong);
        for (Reply failure : failures) {
            tags = failure;
            polls.set(0);
            try (OllamaDiscovery discovery = OllamaDiscovery.start(uri, OFTEN, LONG, false)) {
                await(() -> polls.get() >= 2);
                assertThat(discovery.usable()).isFalse();

                tags = json(TAGS);
                await(discovery::usable);
            }
        }
        assertThat(heads).noneMatch(head -> head.contains("elsewhere"));
    }

    @Test
    void a_server_that_never_ends_its_answer_is_given_up() {
        tags = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            hang();
        };
        try (OllamaDiscovery discovery = OllamaDiscovery.start(uri, OFTEN, LONG, false)) {
            await(() -> heads.size() >= 1);

            tags = json(TAGS);

            await(discovery::usable);
        }
    }

    @Test
    void nobody_listening_is_a_failed_poll() {
        server.stop(0);
        try (OllamaDiscovery discovery = OllamaDiscovery.start(uri, OFTEN, LONG, false)) {
            assertThat(discovery.usable()).isFalse();
        }
    }

    @Test
    void after_closing_nothing_is_polled_and_nothing_resolves() {
        OllamaDiscovery discovery = OllamaDiscovery.start(uri, OFTEN, LONG, false);
        await(discovery::usable);

        discovery.close();

        assertThat(discovery.usable()).isFalse();
    }

    @Test
    void intervals_must_be_positive() {
        assertThatIllegalArgumentException().isThrownBy(() -> OllamaDiscovery.start(uri, Duration.ZERO, LONG, false));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OllamaDiscovery.start(uri, OFTEN, Duration.ofSeconds(-1), false));
    }

    private static void tooLong(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        byte[] blanks = " ".repeat(1 << 16).getBytes(UTF_8);
        try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < 129; i++) {
                out.write(blanks);
            }
            out.write(TAGS.getBytes(UTF_8));
        } catch (IOException brokenOff) {
            // As it should be.
            assertThat(brokenOff).isNotNull();
        }
    }

    private void hang() {
        try {
            released.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static Reply json(String body) {
        return status(200, body);
    }

    private static Reply status(int status, String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            LockSupport.parkNanos(2_000_000);
        }
    }
}
