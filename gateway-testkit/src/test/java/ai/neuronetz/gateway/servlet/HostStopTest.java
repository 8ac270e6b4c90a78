package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A host that stops lets answers end, or ends them with an error; the ledger has nothing open afterwards. */
@Tag(ServletHost.TAG)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HostStopTest {

    private static final String CHAT =
            "{\"model\":\"llama3.2:3b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    private static final Duration LONG = Duration.ofSeconds(20);

    private static TestGateway stores;

    @BeforeAll
    static void start() {
        stores = TestGateway.start();
    }

    @AfterAll
    static void stop() {
        stores.close();
    }

    @ParameterizedTest
    @MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
    void an_answer_that_ends_within_the_grace_is_whole(ServletHost.Kind kind) throws Exception {
        stores.ollama().reset().replyTokens(6).pace(Duration.ofMillis(100));

        String all = stopDuringAnAnswer(kind, LONG);

        assertThat(all).contains("\"done\":true").endsWith("0\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
    void an_answer_that_goes_on_after_the_grace_ends_with_an_error(ServletHost.Kind kind) throws Exception {
        stores.ollama().reset().stallAfter(2);

        String all = stopDuringAnAnswer(kind, Duration.ofMillis(100));

        assertThat(all).contains("shutting_down").doesNotContain("\"done\":true");
    }

    /** Returns what the client got after the first frame. */
    private static String stopDuringAnAnswer(ServletHost.Kind kind, Duration grace) throws Exception {
        GatewayPipeline pipeline = GatewayPipeline.open(stores.settings());
        GatewayFilter filter =
                GatewayFilter.builder(pipeline).closePipelineOnDestroy(grace).build();
        String key = stores.tenant().key().secret();
        ServletHost host =
                ServletHost.start(kind, filter, settings -> settings.beforeStop = () -> pipeline.drain(grace));
        awaitHealthy(host);
        try (RawClient client = new RawClient(host.port())) {
            client.send("POST /api/chat HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                    + key + "\r\nContent-Length: " + CHAT.length() + "\r\n\r\n" + CHAT);
            assertThat(client.head().get(0)).contains("200");
            client.chunk();

            CompletableFuture<Void> stopping = CompletableFuture.runAsync(host::close);
            String rest = client.everything();
            stopping.get(LONG.toSeconds(), TimeUnit.SECONDS);

            assertThat(open()).describedAs("open reservations").isZero();
            return rest;
        }
    }

    private static void awaitHealthy(ServletHost host) throws Exception {
        long end = System.nanoTime() + LONG.toNanos();
        int status = 0;
        while (status != 200 && System.nanoTime() < end) {
            try (RawClient client = new RawClient(host.port())) {
                status = client.get("/healthz").response().status();
            }
        }
        assertThat(status).isEqualTo(200);
    }

    private static int open() throws Exception {
        try (Connection connection = stores.database().connect();
                ResultSet rows =
                        connection.createStatement().executeQuery("SELECT count(*) FROM gateway.open_reservation")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
