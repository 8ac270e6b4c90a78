package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.admin.Administration.AuditRow;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.Generation;
import ai.neuronetz.gateway.testkit.TestGateway;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every endpoint that costs tokens, whole and streamed. */
@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class EndpointsAcceptanceTest {

    private static final ObjectMapper JSON = new ObjectMapper();

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
        gateway.ollama().reset();
        gateway.ollama().models("llama3.2:3b");
        tenant = gateway.tenant();
        client = new TestClient(gateway.url(), tenant.key().secret());
        await().atMost(Duration.ofSeconds(5))
                .until(() -> client.get("/api/tags").body().contains("llama3.2:3b"));
        gateway.ollama().clearRecord();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/api/generate | `'prompt':'Hello','stream':false` | /response",
                "/api/chat | `'messages':[{'role':'user','content':'Hello'}],'stream':false` | /message/content",
                "/v1/chat/completions | `'messages':[{'role':'user','content':'Hello'}]` | /choices/0/message/content",
                "/v1/completions | `'prompt':'Hello'` | /choices/0/text",
                "/v1/responses | `'input':'Hello'` | /output/0/content/0/text",
                "/v1/messages | `'max_tokens':50,'messages':[{'role':'user','content':'Hello'}]` | /content/0/text",
                "/api/embed | `'input':['Hello','you']` | /embeddings/0/0",
                "/api/embeddings | `'prompt':'Hello'` | /embedding/0",
                "/v1/embeddings | `'input':'Hello'` | /data/0/embedding/0"
            })
    void a_whole_answer_is_what_ollama_said_and_is_charged_as_ollama_counted(String path, String body, String pointer)
            throws Exception {
        HttpResponse<String> answer = client.post(path, json(body));

        assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        JsonNode whole = JSON.readTree(answer.body());
        assertThat(whole.at(pointer).asText()).isNotEmpty();
        assertCharged(path);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/api/generate | `'prompt':'Hello'` | application/x-ndjson | \"done\":true",
                "/api/chat | `'messages':[{'role':'user','content':'Hello'}]` | application/x-ndjson | \"done\":true",
                "/v1/chat/completions | `'stream':true,'messages':[{'role':'user','content':'Hello'}]` | text/event-stream | [DONE]",
                "/v1/completions | `'stream':true,'prompt':'Hello'` | text/event-stream | [DONE]",
                "/v1/responses | `'stream':true,'input':'Hello'` | text/event-stream | event: response.completed",
                "/v1/messages | `'stream':true,'max_tokens':50,'messages':[{'role':'user','content':'Hello'}]` | text/event-stream | event: message_stop"
            })
    void a_stream_ends_with_its_dialects_terminator(String path, String body, String type, String terminator) {
        HttpResponse<String> answer = client.post(path, json(body));

        assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith(type);
        assertThat(answer.body()).contains(terminator).doesNotContain("usage\":{\"prompt_tokens");
        assertThat(answer.body().split("\n")).hasSizeGreaterThan(3);
        assertCharged(path);
    }

    /** With {@code /api/embeddings} Ollama counts nothing, and the bound is charged. */
    private void assertCharged(String path) {
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(rows()).singleElement().satisfies(row -> {
                    assertThat(row.outcome()).isEqualTo("COMPLETED");
                    assertThat(row.detail()).contains(path);
                    if (path.equals("/api/embeddings")) {
                        assertThat(row.charged()).isGreaterThan(5);
                    } else {
                        assertThat(row.basis()).isEqualTo("REPORTED");
                        assertThat(row.charged()).isEqualTo(tokens());
                    }
                }));
        assertThat(gateway.ollama().inferenceRequests()).singleElement().satisfies(received -> {
            assertThat(received.path()).isEqualTo(path);
            assertThat(received.body()).contains("\"model\":\"llama3.2:3b\"");
        });
    }

    private long tokens() {
        Generation only = gateway.ollama().generations().get(0);
        return only.promptTokens() + only.generatedTokens();
    }

    private List<AuditRow> rows() {
        return gateway.administration().audit(tenant.id(), 100).stream()
                .filter(row -> row.kind().equals("request"))
                .toList();
    }

    private static String json(String members) {
        return "{\"model\":\"llama3.2:3b\"," + members.replace('\'', '"') + "}";
    }
}
