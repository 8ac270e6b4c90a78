package ai.neuronetz.gateway.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.hostile.PathCorpus.Variant;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import ai.neuronetz.gateway.servlet.RawClient;
import ai.neuronetz.gateway.servlet.ServletHost;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole corpus of paths, with a valid key, at a whole gateway in each container. */
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag(ServletHost.TAG)
class PathCorpusTest {

    private static final long SEED = 20_261_125;
    private static final int CONNECTIONS = 8;

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = TestGateway.start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
    void ollama_sees_nothing_or_a_path_of_the_table_and_only_byte_equal_targets_are_served(ServletHost.Kind kind)
            throws Exception {
        List<Variant> corpus = PathCorpus.generate(SEED);
        gateway.ollama().clearRecord();
        GatewayFilter filter = new GatewayFilter(gateway.replica(0).pipeline());
        Map<Integer, Integer> statuses;
        try (ServletHost host = ServletHost.start(kind, filter)) {
            statuses = send(host.port(), gateway.tenant().key().secret(), corpus);
        }

        PathJudge judge = new PathJudge(corpus, target -> shown(kind, target));
        List<String> violations = judge.violations(statuses, gateway.ollama().requests());
        Map<Integer, Integer> counts = new TreeMap<>();
        statuses.values().forEach(status -> counts.merge(status, 1, Integer::sum));
        assertThat(violations).describedAs(kind + " " + counts).isEmpty();
        for (Variant variant : corpus) {
            if (variant.manner().equals("exact")
                    && Set.of("/api/tags", "/api/chat", "/v1/models", "/livez").contains(variant.target())
                    && judge.called(variant).isPresent()) {
                assertThat(statuses.get(variant.number()))
                        .describedAs(variant.toString())
                        .isBetween(200, 399);
            }
        }
        // What a crash would be answered with; a container has other words for what it does not implement.
        assertThat(counts).doesNotContainKeys(500, 502);
    }

    /**
     * What a container takes off a request line before anyone can see it: white space around the target, and in the form for
     * proxies the scheme and an authority that is the host's. None of it decides which path is meant.
     */
    private static String shown(ServletHost.Kind kind, String target) {
        return switch (kind) {
            case JETTY -> target.replaceAll("^ +| +$", "").replaceFirst("^(?i)[a-z]+:(//localhost)?(?=/)", "");
            case TOMCAT_10, TOMCAT_11 ->
                target.replaceAll("^[ \t]+|[ \t]+$", "").replaceFirst("^(?i)https?://([^/@]*@)?localhost(?=/)", "");
        };
    }

    private static Map<Integer, Integer> send(int port, String key, List<Variant> corpus) throws Exception {
        Queue<Variant> waiting = new ConcurrentLinkedQueue<>(corpus);
        Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
        ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CONNECTIONS; client++) {
                running.add(clients.submit(() -> {
                    sendAll(port, key, waiting, statuses);
                    return null;
                }));
            }
            for (Future<?> client : running) {
                client.get(2, TimeUnit.MINUTES);
            }
        } finally {
            clients.shutdownNow();
        }
        return statuses;
    }

    /** On one connection as long as the server lets it. */
    private static void sendAll(int port, String key, Queue<Variant> waiting, Map<Integer, Integer> statuses)
            throws IOException {
        RawClient client = new RawClient(port);
        boolean fresh = true;
        try {
            for (Variant variant = waiting.poll(); variant != null; ) {
                int status = status(client, key, variant);
                // A connection that was used may be at its end without having said so. And on a busy machine a store
                // may be
                // too slow to decide; the client is told to try again.
                boolean again = (status == 0 && !fresh) || Math.abs(status) == 503;
                fresh = status <= 0;
                if (fresh) {
                    client.close();
                    client = new RawClient(port);
                }
                if (!again) {
                    statuses.put(variant.number(), Math.abs(status));
                    variant = waiting.poll();
                }
            }
        } finally {
            client.close();
        }
    }

    /** The status, negative if the connection is of no more use, and 0 if there was no answer. */
    private static int status(RawClient client, String key, Variant variant) {
        String head = variant.method() + " " + variant.target()
                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key + "\r\n";
        String body = body(variant);
        // A body that is not read costs the connection, so only those get one that could be served with it.
        boolean withBody = Set.of("POST", "PUT", "PATCH").contains(variant.method());
        String rest = withBody
                ? "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body
                : "\r\n";
        try {
            client.send(head + rest);
            RawClient.Response response = variant.method().equals("HEAD") ? client.headResponse() : client.response();
            String connection = response.header("Connection");
            boolean closes = !response.whole() || (connection != null && connection.equalsIgnoreCase("close"));
            return closes ? -response.status() : response.status();
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    /** What any of the endpoints would take; each ignores what is the others'. */
    private static String body(Variant variant) {
        String text = "\"" + variant.marker() + "\"";
        return "{\"model\":\"llama3.2:3b\",\"stream\":false,\"max_tokens\":8,\"prompt\":" + text + ",\"input\":" + text
                + ",\"messages\":[{\"role\":\"user\",\"content\":" + text + "}]}";
    }
}
