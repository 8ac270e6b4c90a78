package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.admin.PromptAdministration;
import ai.neuronetz.gateway.admin.PromptAdministration.Prompt;
import ai.neuronetz.gateway.admin.PromptAdministration.PromptRow;
import ai.neuronetz.gateway.prompts.Redactor;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PromptLogAcceptanceTest {

    private static final String MARK = "the redactor throws at this";

    @RegisterExtension
    static final GatewayExtension EXTENSION = GatewayExtension.with(gateway ->
            gateway.pipeline(pipeline -> pipeline.redactor(Redactor.patterns().andThen(text -> {
                if (text.contains(MARK)) {
                    throw new IllegalStateException(text);
                }
                return text;
            }))));

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private TestGateway.Key key;

    @SuppressWarnings("NullAway.Init")
    private TestClient client;

    private PromptAdministration prompts() {
        return gateway.administration().prompts();
    }

    @BeforeAll
    static void start(TestGateway started) {
        gateway = started;
    }

    @BeforeEach
    void a_key_that_opted_in() {
        key = gateway.tenant().key().logPrompts(Duration.ofDays(7));
        client = new TestClient(gateway.url(), key.secret());
    }

    private List<PromptRow> listed() {
        return prompts().list(null, key.id(), null, 10);
    }

    private Prompt kept() {
        await().atMost(Duration.ofSeconds(10)).until(() -> !listed().isEmpty());
        return prompts().read(listed().get(0).requestId()).orElseThrow();
    }

    private static String chat(String content) {
        return TestClient.CHAT.replace("Hello", content);
    }

    private static double dropped(String reason) {
        return gateway.metrics()
                .get("gateway.prompts.dropped")
                .tag("reason", reason)
                .counter()
                .count();
    }

    @Test
    void a_key_that_opted_in_has_its_prompt_and_answer_kept_without_secrets() {
        gateway.ollama().reply("Write to", " ann@example.org", " about it.");

        var answer = client.post("/api/chat", chat("My key is sk-0123456789abcdefghij"));

        assertThat(answer.body()).contains("ann@example.org");
        Prompt kept = kept();
        assertThat(kept.prompt()).isEqualTo("[user]\nMy key is [redacted: API key]");
        assertThat(kept.answer()).isEqualTo("Write to [redacted: e-mail] about it.");
        assertThat(kept.row().requestId().toString())
                .isEqualTo(answer.headers().firstValue("X-Request-ID").orElseThrow());
        assertThat(kept.row().model()).isEqualTo("llama3.2:3b");
        assertThat(kept.row().endpoint()).isEqualTo("/api/chat");
        assertThat(kept.row().outcome()).isEqualTo("COMPLETED");
        assertThat(Duration.between(kept.row().at(), kept.row().goneAt())).isEqualTo(Duration.ofDays(7));
        assertThat(gateway.ollama().inferenceRequests().get(0).body()).contains("sk-0123456789abcdefghij");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/chat, messages, true",
        "/api/chat, messages, false",
        "/api/generate, prompt, true",
        "/api/generate, prompt, false",
        "/v1/chat/completions, messages, true",
        "/v1/chat/completions, messages, false",
        "/v1/completions, prompt, true",
        "/v1/responses, messages, true",
        "/v1/responses, messages, false",
        "/v1/messages, messages, true",
        "/v1/messages, messages, false"
    })
    void a_secret_that_is_split_over_frames_is_found_in_every_dialect(String path, String content, boolean stream) {
        gateway.ollama().reply("It is ", "AKIA", "ABCDEFGH", "IJKLMNOP", ".");
        String body = content.equals("prompt")
                ? "{\"model\":\"llama3.2:3b\",\"stream\":" + stream + ",\"prompt\":\"Tell me\"}"
                : TestClient.CHAT
                        .replaceFirst("\\{", "{\"max_tokens\":100,\"stream\":" + stream + ",")
                        .replace("Hello", "Tell me");

        var answer = client.post(path, path.endsWith("responses") ? body.replace("messages", "input") : body);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Prompt kept = kept();
        assertThat(kept.prompt()).isEqualTo("[user]\nTell me");
        assertThat(kept.answer()).isEqualTo("It is [redacted: API key].");
    }

    @Test
    void thoughts_and_tool_calls_are_kept_under_headings() {
        gateway.ollama()
                .thinking("Ask ", "ann@", "example.org", ".")
                .reply("One moment.")
                .toolCall("send_mail", "{\"to\":\"bob\\u0040example.org\"}");

        client.post("/v1/chat/completions", TestClient.CHAT_SSE);

        assertThat(kept().answer())
                .startsWith("[thinking]\nAsk [redacted: e-mail]")
                .contains("[answer]\nOne moment.")
                .contains("[tool call]\n")
                .contains("send_mail")
                .doesNotContain("example.org");
    }

    @Test
    void no_other_key_has_anything_kept() {
        TestGateway.Key other = gateway.tenant().key();
        new TestClient(gateway.url(), other.secret()).post("/api/chat", TestClient.CHAT);
        client.post("/api/chat", TestClient.CHAT);
        kept();

        assertThat(prompts().list(null, other.id(), null, 10)).isEmpty();
    }

    @Test
    void a_key_that_was_switched_off_has_no_more_kept() {
        client.post("/api/chat", chat("first"));
        kept();
        prompts().setRetention(key.id(), null);

        client.post("/api/chat", chat("second"));
        prompts().setRetention(key.id(), Duration.ofDays(1));
        client.post("/api/chat", chat("third"));

        await().atMost(Duration.ofSeconds(10)).until(() -> listed().size() == 2);
        assertThat(kept().prompt()).endsWith("third");
    }

    @Test
    void what_cannot_be_redacted_is_not_kept_and_the_request_is_served() {
        double before = dropped("redactor_failed");

        assertThat(client.post("/api/chat", chat(MARK)).statusCode()).isEqualTo(200);

        await().atMost(Duration.ofSeconds(10)).until(() -> dropped("redactor_failed") > before);
        assertThat(listed()).isEmpty();
    }

    @Test
    void of_a_client_that_left_the_answer_is_kept_as_far_as_it_came() throws IOException {
        gateway.ollama().reply("one ", "two ", "three ", "four ").pace(Duration.ofMillis(200));
        try (TestClient.RawStream stream = client.open("/api/chat", TestClient.CHAT)) {
            stream.nextFrame();
            stream.nextFrame();
            stream.reset();
        }

        Prompt kept = kept();

        assertThat(kept.row().outcome()).isEqualTo("CLIENT_GONE");
        assertThat(kept.answer()).startsWith("one two");
    }

    @Test
    void a_long_answer_is_kept_in_its_beginning_and_marked() {
        gateway.ollama().reply("a".repeat(100_000));

        client.post("/api/chat", TestClient.CHAT_WHOLE);

        Prompt kept = kept();
        assertThat(kept.answer()).hasSize(64 << 10);
        assertThat(kept.answerCut()).isTrue();
        assertThat(kept.promptCut()).isFalse();
    }

    @Test
    void reading_and_listing_and_purging_are_audited() {
        client.post("/api/chat", TestClient.CHAT);
        UUID request = kept().row().requestId();
        assertThat(prompts().purge(null, key.id(), null)).isEqualTo(1);

        assertThat(listed()).isEmpty();
        assertThat(prompts().read(request)).isEmpty();
        assertThat(gateway.administration().audit(null, 100))
                .filteredOn(row -> row.kind().equals("change"))
                .extracting(row -> row.detail())
                .anyMatch(detail -> detail.startsWith("set-prompts by gateway_cli"))
                .anyMatch(detail -> detail.startsWith("list-prompts by gateway_cli"))
                .anyMatch(detail -> detail.startsWith("purge-prompts by gateway_cli"))
                .anyMatch(detail -> detail.startsWith("read-prompt by gateway_cli")
                        && detail.contains(request.toString())
                        && detail.contains("true"))
                .anyMatch(detail -> detail.startsWith("read-prompt by gateway_cli") && detail.contains("false"));
    }
}
