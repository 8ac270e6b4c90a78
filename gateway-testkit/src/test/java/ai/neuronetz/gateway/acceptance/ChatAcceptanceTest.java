package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.admin.Administration.AuditRow;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.Generation;
import ai.neuronetz.gateway.testkit.ReceivedRequest;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ChatAcceptanceTest {

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
        gateway.ollama().models("llama3.2:3b", "qwen3:8b");
        tenant = gateway.tenant();
        client = new TestClient(gateway.url(), tenant.key().secret());
        await().atMost(Duration.ofSeconds(5))
                .until(() -> client.get("/api/tags").body().contains("qwen3:8b"));
        gateway.ollama().clearRecord();
    }

    @Test
    void a_native_chat_streams_ndjson_and_ends_with_the_true_counts() throws Exception {
        HttpResponse<String> answer = client.post("/api/chat", TestClient.CHAT);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/x-ndjson");
        List<String> lines = answer.body().lines().toList();
        assertThat(lines).hasSizeGreaterThan(3);
        JsonNode last = JSON.readTree(lines.get(lines.size() - 1));
        assertThat(last.path("done").asBoolean()).isTrue();
        Generation generation = onlyGeneration();
        assertThat(last.path("eval_count").asLong()).isEqualTo(generation.generatedTokens());
        assertThat(last.path("prompt_eval_count").asLong()).isEqualTo(generation.promptTokens());
    }

    @Test
    void an_openai_chat_streams_sse_and_shows_usage_only_to_who_asked() {
        String without =
                client.post("/v1/chat/completions", TestClient.CHAT_SSE).body();
        String with = client.post(
                        "/v1/chat/completions",
                        TestClient.CHAT_SSE.replaceFirst("\\{", "{\"stream_options\":{\"include_usage\":true},"))
                .body();

        assertThat(without).contains("data: {").endsWith("data: [DONE]\n\n").doesNotContain("usage");
        assertThat(with).contains("\"usage\"").endsWith("data: [DONE]\n\n");
    }

    @Test
    void a_whole_answer_comes_as_one_json_object_in_both_dialects() throws Exception {
        HttpResponse<String> ollama = client.post("/api/chat", TestClient.CHAT_WHOLE);
        HttpResponse<String> openai = client.post("/v1/chat/completions", TestClient.CHAT);

        assertThat(ollama.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(ollama.body()).path("message").path("content").asText())
                .isNotEmpty();
        assertThat(openai.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(openai.body())
                        .path("choices")
                        .path(0)
                        .path("message")
                        .path("content")
                        .asText())
                .isNotEmpty();
    }

    @Test
    void models_are_listed_in_both_dialects_and_filtered_to_the_effective_set() throws Exception {
        tenant.models("qwen3:8b", "not-installed:1b");

        JsonNode tags = JSON.readTree(client.get("/api/tags").body());
        JsonNode models = JSON.readTree(client.get("/v1/models").body());

        assertThat(tags.path("models").findValuesAsText("name")).containsExactly("qwen3:8b");
        assertThat(models.path("data").findValuesAsText("id")).containsExactly("qwen3:8b");
    }

    @Test
    void a_tenant_without_models_sees_empty_lists() throws Exception {
        tenant.models();

        assertThat(JSON.readTree(client.get("/api/tags").body()).path("models").isArray())
                .isTrue();
        assertThat(JSON.readTree(client.get("/v1/models").body()).path("data").isArray())
                .isTrue();
        assertThat(client.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(403);
    }

    @Test
    void the_version_is_answered_from_discovery() throws Exception {
        assertThat(JSON.readTree(client.get("/api/version").body())
                        .path("version")
                        .asText())
                .isNotEmpty();
        assertThat(gateway.ollama().inferenceRequests()).isEmpty();
    }

    @Test
    void every_answer_carries_an_id_and_is_not_stored_and_none_names_the_server() {
        for (HttpResponse<String> answer : List.of(
                client.get("/api/tags"),
                client.post("/api/chat", TestClient.CHAT),
                client.get("/nowhere"),
                new TestClient(gateway.url(), null).get("/api/tags"))) {
            assertThat(answer.headers().firstValue("X-Request-ID")).isPresent();
            assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(answer.headers().firstValue("Server")).isEmpty();
        }
    }

    @Test
    void ollama_is_sent_a_new_body_and_built_headers_and_nothing_of_the_clients_own() {
        client.send(client.request("/api/chat")
                .header("Cookie", "cookie-canary")
                .header("Origin", "http://origin-canary")
                .header("X-Api-Key", "header-canary")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(
                        TestClient.CHAT.replaceFirst("\\{", "{\"keep_alive\":-1,\"body-canary\":1,")))
                .build());

        ReceivedRequest received = gateway.ollama().inferenceRequests().get(0);
        assertThat(received.target()).isEqualTo("/api/chat");
        assertThat(received.headers().toString() + received.body())
                .doesNotContain("canary", "keep_alive", "Authorization", "nng_");
        assertThat(received.body()).contains("\"num_predict\":4096");
    }

    @Test
    void a_dropped_field_is_named_in_the_answer() {
        HttpResponse<String> answer =
                client.post("/api/chat", TestClient.CHAT.replaceFirst("\\{", "{\"keep_alive\":-1,"));

        assertThat(answer.headers().firstValue("X-Gateway-Adjusted").orElse("")).contains("keep_alive");
    }

    @Test
    void the_headers_tell_the_limits_and_equal_the_ledger() {
        tenant.limits(new Limits(100L, 1_000_000L, null, null, 500_000L, null));

        HttpResponse<String> answer = client.post("/api/chat", TestClient.CHAT);

        assertThat(answer.headers().firstValue("x-ratelimit-limit-requests")).contains("100");
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-requests"))
                .contains("99");
        assertThat(answer.headers().firstValue("x-ratelimit-limit-tokens")).contains("1000000");
        assertThat(answer.headers().firstValue("X-Budget-Limit")).contains("500000");
        assertThat(answer.headers().firstValue("X-Budget-Reset")).isPresent();
        long remaining = answer.headers().firstValueAsLong("X-Budget-Remaining").orElseThrow();
        assertThat(remaining).isBetween(500_000L - 6_000, 500_000L - 4_096);
    }

    @Test
    void each_request_leaves_one_audit_row_with_what_ollama_reported() {
        client.post("/api/chat", TestClient.CHAT);
        Generation generation = onlyGeneration();

        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            List<AuditRow> rows = requestRows();
            assertThat(rows).hasSize(1);
            assertThat(rows.get(0).basis()).isEqualToIgnoringCase("reported");
            assertThat(rows.get(0).inputTokens()).isEqualTo(generation.promptTokens());
            assertThat(rows.get(0).outputTokens()).isEqualTo(generation.generatedTokens());
            assertThat(rows.get(0).charged()).isEqualTo(generation.promptTokens() + generation.generatedTokens());
        });
    }

    @Test
    void endpoints_that_change_the_server_are_blocked_for_every_method() {
        for (String path :
                List.of("/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete", "/api/blobs/sha256:abc")) {
            for (String method : List.of("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH")) {
                HttpResponse<String> answer = client.method(method, path);
                assertThat(answer.statusCode()).as("%s %s", method, path).isEqualTo(403);
            }
        }
        assertThat(gateway.ollama().inferenceRequests()).isEmpty();
    }

    @Test
    void health_is_public_and_says_one_word_for_each_dependency() throws Exception {
        HttpResponse<String> health = new TestClient(gateway.url(), null).get("/healthz");

        assertThat(health.statusCode()).isEqualTo(200);
        JsonNode words = JSON.readTree(health.body());
        assertThat(words.fieldNames()).toIterable().contains("postgres", "redis", "discovery");
        assertThat(words.path("postgres").asText()).isEqualTo("ok");
    }

    @Test
    void health_takes_get_and_head_and_names_them_to_who_tries_another_method() {
        TestClient stranger = new TestClient(gateway.url(), null);

        assertThat(stranger.method("HEAD", "/healthz").statusCode()).isEqualTo(200);
        assertThat(stranger.method("POST", "/healthz").statusCode()).isEqualTo(405);
        assertThat(stranger.method("POST", "/healthz").headers().firstValue("Allow"))
                .contains("GET, HEAD");
    }

    private Generation onlyGeneration() {
        assertThat(gateway.ollama().generations()).hasSize(1);
        return gateway.ollama().generations().get(0);
    }

    private List<AuditRow> requestRows() {
        return gateway.administration().audit(tenant.id(), 100).stream()
                .filter(row -> row.kind().equals("request"))
                .toList();
    }
}
