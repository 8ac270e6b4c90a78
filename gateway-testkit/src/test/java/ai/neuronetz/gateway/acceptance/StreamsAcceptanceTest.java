package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.admin.Administration.AuditRow;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.Generation;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class StreamsAcceptanceTest {

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private TestGateway.Tenant tenant;

    @SuppressWarnings("NullAway.Init")
    private TestClient client;

    @BeforeAll
    static void start(TestGateway started) {
        gateway = started;
    }

    @BeforeEach
    void a_tenant_with_a_key() {
        tenant = gateway.tenant();
        client = new TestClient(gateway.url(), tenant.key().secret());
    }

    @Test
    void each_frame_arrives_when_ollama_sends_it_and_not_with_a_later_one() throws IOException {
        gateway.ollama().replyTokens(20).pace(Duration.ofMillis(50));

        try (TestClient.RawStream stream = client.open("/api/chat", TestClient.CHAT)) {
            while (stream.nextFrame() != null && stream.arrivals().size() < 20) {
                // Only the times matter.
            }
            List<Long> sent = gateway.ollama().generations().get(0).frameNanos();
            List<Long> late = new ArrayList<>();
            for (int frame = 0; frame < 20; frame++) {
                late.add((stream.arrivals().get(frame) - sent.get(frame)) / 1_000_000);
            }
            // The next frame is 50 ms away: a frame that waited for it would be at least that late.
            assertThat(late.stream().sorted().toList().get(15)).isLessThan(25);
        }
    }

    @Test
    void an_answer_of_many_windows_arrives_whole() {
        gateway.ollama().replyTokens(4_000);

        String body = client.post("/api/chat", TestClient.CHAT).body();

        assertThat(body.length()).isGreaterThan(400_000);
        assertThat(body.lines()).hasSize(4_001);
        assertThat(body).contains("\"eval_count\":4000");
    }

    /** A stream whose first frame has come. On a busy machine a check can take too long, and is asked for again. */
    private TestClient.RawStream begun(TestClient.RawStream opened) throws IOException {
        TestClient.RawStream stream = opened;
        String frame = stream.nextFrame();
        for (int tries = 0;
                String.valueOf(frame).matches("(?s).*_(unavailable|unverifiable).*") && tries < 5;
                tries++) {
            stream.close();
            stream = client.open("/api/chat", TestClient.CHAT);
            frame = stream.nextFrame();
        }
        assertThat(frame).contains("\"done\":false");
        return stream;
    }

    @Test
    void a_thousand_streams_are_open_at_once_and_none_holds_a_thread() throws IOException {
        gateway.ollama().replyTokens(1_000).pace(Duration.ofMillis(500));
        int threadsBefore = Thread.activeCount();
        List<TestClient.RawStream> streams = new ArrayList<>();
        try {
            for (int group = 0; group < 50; group++) {
                List<TestClient.RawStream> opened = new ArrayList<>();
                for (int open = 0; open < 20; open++) {
                    opened.add(client.open("/api/chat", TestClient.CHAT));
                }
                for (TestClient.RawStream stream : opened) {
                    streams.add(begun(stream));
                }
            }

            assertThat(gateway.ollama().openStreams()).isEqualTo(1_000);
            assertThat(Thread.getAllStackTraces().size()).isLessThan(threadsBefore + 300);
            assertThat(streams.get(0).nextFrame()).isNotNull();
            assertThat(streams.get(999).nextFrame()).isNotNull();
        } finally {
            for (TestClient.RawStream stream : streams) {
                stream.close();
            }
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> gateway.ollama().openStreams() == 0);
    }

    @Test
    void a_client_that_leaves_cancels_ollama_within_a_second_and_pays_for_what_was_seen() throws IOException {
        gateway.ollama().replyTokens(1_000).pace(Duration.ofMillis(40));
        TestClient.RawStream stream = client.open("/api/chat", TestClient.CHAT);
        for (int frame = 0; frame < 5; frame++) {
            stream.nextFrame();
        }

        stream.reset();

        await().atMost(Duration.ofSeconds(1))
                .until(() -> gateway.ollama().generations().get(0).state() == Generation.State.CANCELLED);
        Generation generation = gateway.ollama().generations().get(0);
        AuditRow row = onlyRow();
        assertThat(row.outcome()).isEqualToIgnoringCase("client_gone");
        assertThat(row.basis()).isEqualToIgnoringCase("observed");
        assertThat(row.charged()).isGreaterThanOrEqualTo(5).isLessThan(4_096);
        assertThat(generation.generatedTokens()).isLessThan(1_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/chat", "/v1/chat/completions"})
    void an_answer_that_is_cut_short_ends_with_an_error_frame(String path) throws IOException {
        gateway.ollama().replyTokens(20).cutAfter(3);

        String body = client.post(path, TestClient.CHAT_SSE).body();

        assertThat(body).contains("upstream_incomplete").doesNotContain("[DONE]", "\"done\":true");
        assertThat(onlyRow().basis()).isEqualToIgnoringCase("observed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/chat", "/v1/chat/completions"})
    void an_error_of_ollamas_in_the_middle_of_a_stream_ends_it_without_ollamas_words(String path) {
        gateway.ollama().replyTokens(20).failAfter(3, "canary /root/.ollama/models/blobs/sha256-1");

        String body = client.post(path, TestClient.CHAT_SSE).body();

        assertThat(body).contains("\"error\"").doesNotContain("canary", "/root", "[DONE]");
    }

    @Test
    void an_error_of_ollamas_before_the_answer_is_told_by_its_meaning_only() {
        gateway.ollama().fail(500, "canary: llama runner process has terminated");

        var answer = client.post("/api/chat", TestClient.CHAT);

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("upstream_error").doesNotContain("canary");
        assertThat(onlyRow().outcome()).isEqualToIgnoringCase("upstream_failed");
    }

    @Test
    void an_ollama_that_resets_the_connection_ends_the_stream_visibly() {
        gateway.ollama().replyTokens(20).pace(Duration.ofMillis(30)).resetAfter(3);

        assertThat(client.post("/api/chat", TestClient.CHAT).body()).contains("upstream_incomplete");
    }

    @Test
    void a_thousand_fast_requests_settle_at_what_ollama_counted_and_none_is_lost() {
        gateway.ollama().replyTokens(3);
        for (int group = 0; group < 50; group++) {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int request = 0; request < 20; request++) {
                answers.add(served(5));
            }
            assertThat(answers)
                    .allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
        }

        long truth = gateway.ollama().generations().stream()
                .mapToLong(generation -> generation.promptTokens() + generation.generatedTokens())
                .sum();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            List<AuditRow> rows = requestRows();
            assertThat(rows)
                    .filteredOn(row -> !"not_forwarded".equalsIgnoreCase(row.outcome()))
                    .hasSize(1_000);
            assertThat(rows).allSatisfy(row -> assertThat(row.charged()).isNotNull());
            assertThat(rows.stream()
                            .mapToLong(row -> row.charged() == null ? 0 : row.charged())
                            .sum())
                    .isEqualTo(truth);
        });
    }

    /** A whole answer; asked for again where a check took too long on a busy machine. */
    private CompletableFuture<HttpResponse<String>> served(int tries) {
        return client.postAsync("/api/chat", TestClient.CHAT_WHOLE)
                .thenCompose(answer -> answer.statusCode() == 503 && tries > 1
                        ? served(tries - 1)
                        : CompletableFuture.completedFuture(answer));
    }

    private AuditRow onlyRow() {
        return await().atMost(Duration.ofSeconds(5))
                .until(
                        this::requestRows,
                        rows -> rows.size() == 1 && rows.get(0).charged() != null)
                .get(0);
    }

    private List<AuditRow> requestRows() {
        return gateway.administration().audit(tenant.id(), 5_000).stream()
                .filter(row -> row.kind().equals("request"))
                .toList();
    }
}
