package ai.neuronetz.gateway.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.hostile.FramingCorpus.Message;
import ai.neuronetz.gateway.hostile.FramingJudge.Outcome;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import ai.neuronetz.gateway.servlet.RawClient;
import ai.neuronetz.gateway.servlet.ServletHost;
import ai.neuronetz.gateway.testkit.ReceivedRequest;
import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.TestRedis;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole corpus of framing at a whole gateway in each container. */
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag(ServletHost.TAG)
class FramingCorpusTest {

    private static final int CONNECTIONS = 24;
    // After which a server gives up waiting for more, and for another request.
    private static final Duration SILENCE = Duration.ofMillis(1500);
    private static final Pattern MARKER = Pattern.compile("(first|second)-[0-9]+\\.");

    @SuppressWarnings("NullAway.Init")
    private static TestRedis redis;

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        // Two keys in one request count as a failed attempt to authenticate, and must not bar other tests.
        redis = TestRedis.start();
        gateway = TestGateway.builder()
                .redis(redis)
                .settings(settings -> settings.authFailuresPerMinute(100_000))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        redis.close();
    }

    @ParameterizedTest
    @MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
    void no_request_that_is_hidden_in_another_is_served_and_nothing_is_read_after_a_refusal(ServletHost.Kind kind)
            throws Exception {
        List<Message> corpus = FramingCorpus.generate(gateway.tenant().key().secret());
        gateway.ollama().clearRecord();
        GatewayFilter filter = GatewayFilter.builder(gateway.replica(0).pipeline())
                .bodyTimeout(SILENCE)
                .build();
        Map<Integer, String> received;
        try (ServletHost host = ServletHost.start(kind, filter, settings -> settings.idleTimeout = SILENCE)) {
            received = send(host.port(), corpus);
        }

        Set<String> seen = gateway.ollama().requests().stream()
                .map(ReceivedRequest::body)
                .flatMap(body -> MARKER.matcher(body).results().map(MatchResult::group))
                .collect(Collectors.toSet());
        List<String> violations = new ArrayList<>();
        for (Message message : corpus) {
            Outcome outcome = Outcome.of(
                    received.getOrDefault(message.number(), "not sent"),
                    seen.contains(message.firstMarker()),
                    seen.contains(message.secondMarker()));
            if (!isKnownOf(kind, message, outcome)) {
                FramingJudge.violation(message, outcome).ifPresent(violations::add);
            }
        }
        assertThat(received).hasSameSizeAs(corpus);
        assertThat(violations).describedAs(kind.toString()).isEmpty();
    }

    /**
     * Tomcat takes a length beside chunks away before anyone can see it, goes by the chunks, and closes the connection after
     * the answer: what it serves it should refuse, but whatever is behind it is not read.
     */
    private static boolean isKnownOf(ServletHost.Kind kind, Message message, Outcome outcome) {
        return kind != ServletHost.Kind.JETTY
                && message.name()
                        .toLowerCase(Locale.ROOT)
                        .matches("(?s).*content-length: ?\\s*[n0].*transfer-encoding.*chunked.*")
                && FramingJudge.first(outcome);
    }

    private static Map<Integer, String> send(int port, List<Message> corpus) throws Exception {
        Map<Integer, String> received = new ConcurrentHashMap<>();
        ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Message message : corpus) {
                running.add(clients.submit(() -> received.put(message.number(), exchange(port, message))));
            }
            for (Future<?> client : running) {
                client.get(2, TimeUnit.MINUTES);
            }
        } finally {
            clients.shutdownNow();
        }
        return received;
    }

    private static String exchange(int port, Message message) {
        try {
            String received;
            do {
                try (RawClient client = new RawClient(port)) {
                    received = client.send(message.bytes()).everything();
                }
                // On a busy machine a store may be too slow to decide, and the client is told to try again.
            } while (received.contains("HTTP/1.1 503 "));
            return received;
        } catch (IOException e) {
            // Reset: it did not want to read the rest.
            return "";
        }
    }
}
