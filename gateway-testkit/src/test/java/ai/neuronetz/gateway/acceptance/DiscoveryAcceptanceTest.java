package ai.neuronetz.gateway.acceptance;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.ReceivedRequest;
import ai.neuronetz.gateway.testkit.TestGateway;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a caller learns of models without asking any. */
@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class DiscoveryAcceptanceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SHOW = "{\"model\":\"llama3.2:3b\"}";

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private static TestClient client;

    @BeforeAll
    static void start(TestGateway started) {
        gateway = started;
        client = new TestClient(gateway.url(), gateway.tenant().key().secret());
    }

    @BeforeEach
    void ollama_has_described_its_model() {
        await().until(() -> client.post("/api/show", SHOW).statusCode() == 200);
    }

    @Test
    void a_server_is_there_for_whoever_has_a_key() {
        HttpResponse<String> get = client.get("/");
        HttpResponse<String> head = client.method("HEAD", "/");

        assertThat(get.statusCode()).isEqualTo(200);
        assertThat(get.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
        assertThat(get.body()).isNotEmpty();
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length"))
                .isEqualTo(get.headers().firstValue("Content-Length"))
                .isPresent();
        assertThat(head.headers().firstValue("X-Request-ID")).isPresent();
        TestClient stranger = new TestClient(gateway.url(), null);
        assertThat(stranger.get("/").statusCode()).isEqualTo(401);
        assertThat(stranger.method("HEAD", "/").statusCode()).isEqualTo(401);
    }

    @Test
    void one_model_is_described_however_its_name_is_written() throws Exception {
        for (String name : List.of("llama3.2:3b", "llama3.2%3A3b", "LLAMA3.2:3B", "library/llama3.2:3b")) {
            HttpResponse<String> answer = client.get("/v1/models/" + name);

            assertThat(answer.statusCode()).as(name).isEqualTo(200);
            JsonNode model = JSON.readTree(answer.body());
            assertThat(model.path("id").textValue()).isEqualTo("llama3.2:3b");
            assertThat(model.path("object").textValue()).isEqualTo("model");
        }
        assertThat(client.get("/v1/models/llama3.2:3b?x=1").statusCode()).isEqualTo(404);
        assertThat(client.method("DELETE", "/v1/models/llama3.2:3b").statusCode())
                .isEqualTo(405);
    }

    @Test
    void a_model_is_shown_from_memory_and_without_what_clients_must_not_see() throws Exception {
        gateway.ollama().stub(post(urlEqualTo("/api/show")).willReturn(okJson("""
                {"license":"MIT","modelfile":"FROM /CANARY","template":"CANARY","system":"CANARY",
                 "messages":[{"role":"user","content":"CANARY"}],"details":{"family":"fresh","parent_model":"CANARY"},
                 "remote_host":"CANARY","remote_model":"CANARY","model_info":{"general.architecture":"llama"},
                 "projector_info":{"path":"CANARY"},"tensors":[{"name":"CANARY"}],"capabilities":["completion"]}
                """)));
        gateway.ollama().digest("llama3.2:3b", "e".repeat(64));
        await().until(() -> client.post("/api/show", SHOW).body().contains("fresh"));
        gateway.ollama().clearRecord();

        HttpResponse<String> answer = client.post("/api/show", "{\"name\":\"LLAMA3.2:3b\",\"verbose\":true}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("CANARY");
        assertThat(answer.headers().firstValue("X-Gateway-Adjusted")).contains("verbose");
        assertThat(JSON.readTree(answer.body()).path("license").textValue()).isEqualTo("MIT");
        assertThat(gateway.ollama().requests())
                .noneMatch(request -> request.path().equals("/api/show"));
    }

    @Test
    void a_wrong_body_of_a_question_names_the_field() throws Exception {
        HttpResponse<String> answer = client.post("/api/show", "{\"model\":5}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(answer.body()).path("field").textValue()).isEqualTo("model");
    }

    @Test
    void the_anthropic_endpoint_takes_the_key_as_its_clients_send_it_also_with_their_query() {
        TestClient stranger = new TestClient(gateway.url(), null);
        String chat = TestClient.CHAT.replaceFirst("\\{", "{\"max_tokens\":10,");
        gateway.ollama().clearRecord();

        for (String path : List.of("/v1/messages", "/v1/messages?beta=true")) {
            HttpResponse<String> answer = stranger.send(stranger.request(path)
                    .header("x-api-key", gateway.tenant().key().secret())
                    .POST(BodyPublishers.ofString(chat))
                    .build());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
        assertThat(gateway.ollama().inferenceRequests())
                .extracting(ReceivedRequest::target)
                .containsExactly("/v1/messages", "/v1/messages");
    }

    @Test
    void whoever_speaks_to_the_anthropic_endpoint_is_answered_in_its_dialect() throws Exception {
        TestClient stranger = new TestClient(gateway.url(), null);
        for (String path : List.of("/v1/messages", "/v1/messages?beta=true", "/v1/messages/count_tokens")) {
            HttpResponse<String> refused = stranger.send(stranger.request(path)
                    .header("x-api-key", "nonsense")
                    .POST(BodyPublishers.ofString("{}"))
                    .build());
            assertThat(refused.statusCode()).as(path).isEqualTo(401);
            JsonNode error = JSON.readTree(refused.body());
            assertThat(error.path("type").textValue()).isEqualTo("error");
            assertThat(error.at("/error/type").textValue()).isEqualTo("authentication_error");
        }
        String key = gateway.tenant().key().secret();
        HttpResponse<String> both = client.send(client.request("/v1/messages")
                .header("x-api-key", key)
                .POST(BodyPublishers.ofString("{}"))
                .build());
        assertThat(both.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(both.body()).at("/error/type").textValue()).isEqualTo("invalid_request_error");
        HttpResponse<String> elsewhere = stranger.send(
                stranger.request("/api/tags").header("x-api-key", key).GET().build());
        assertThat(elsewhere.statusCode()).isEqualTo(401);
    }
}
