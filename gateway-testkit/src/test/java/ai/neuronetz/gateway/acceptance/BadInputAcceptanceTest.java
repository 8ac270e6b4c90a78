package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class BadInputAcceptanceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private static TestClient client;

    @BeforeAll
    static void start(TestGateway started) {
        gateway = started;
        client = new TestClient(gateway.url(), gateway.tenant().key().secret());
    }

    @AfterAll
    static void stop() {
        assertThat(gateway.ollama().inferenceRequests()).isEmpty();
    }

    static Stream<Arguments> bodies() {
        String model = "\"model\":\"llama3.2:3b\"";
        return Stream.of(
                Arguments.of("", 400, "invalid_json"),
                Arguments.of("null", 400, "invalid_json"),
                Arguments.of("[]", 400, "invalid_json"),
                Arguments.of("{", 400, "invalid_json"),
                Arguments.of("{" + model + "," + MESSAGES + "} {}", 400, "invalid_json"),
                Arguments.of("{" + model + ",\"model\":\"other\"," + MESSAGES + "}", 400, "invalid_json"),
                Arguments.of("{" + model + ",\"MODEL\":\"other\"," + MESSAGES + "}", 400, "invalid_json"),
                Arguments.of("{\"Model\":\"llama3.2:3b\"," + MESSAGES + "}", 400, "invalid_json"),
                Arguments.of("{" + model + ",\"\u017ftream\":false," + MESSAGES + "}", 400, "invalid_json"),
                Arguments.of("\uFEFF{" + model + "," + MESSAGES + "}", 400, "invalid_json"),
                Arguments.of("{" + MESSAGES + "}", 400, "missing_field"),
                Arguments.of("{\"model\":1," + MESSAGES + "}", 400, "invalid_field"),
                Arguments.of("{" + model + ",\"stream\":\"true\"," + MESSAGES + "}", 400, "invalid_field"),
                Arguments.of("{" + model + ",\"messages\":\"x\"}", 400, "invalid_field"),
                Arguments.of("{\"model\":\"not-installed:1b\"," + MESSAGES + "}", 403, "model_not_permitted"),
                Arguments.of("{\"model\":\"llama3.2:3b:cloud\"," + MESSAGES + "}", 403, "model_not_permitted"),
                Arguments.of("{\"model\":\"../../etc/passwd\"," + MESSAGES + "}", 403, "model_not_permitted"),
                Arguments.of(
                        "{" + model + ",\"x\":" + "[".repeat(500) + "]".repeat(500) + "," + MESSAGES + "}",
                        400,
                        "invalid_json"),
                Arguments.of("{" + model + ",\"messages\":[]}", 400, ""));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void a_bad_body_gets_its_status_in_the_dialect_called_and_nothing_reaches_ollama(
            String body, int status, String code) throws Exception {
        HttpResponse<String> ollama = client.post("/api/chat", body);
        HttpResponse<String> openai = client.post("/v1/chat/completions", body);

        assertThat(ollama.statusCode()).as(ollama.body()).isEqualTo(status);
        JsonNode native_ = JSON.readTree(ollama.body());
        assertThat(native_.path("error").isTextual()).isTrue();
        assertThat(native_.path("code").asText()).contains(code);
        assertThat(native_.path("request_id").asText())
                .isEqualTo(ollama.headers().firstValue("X-Request-ID").orElseThrow());

        assertThat(openai.statusCode()).as(openai.body()).isEqualTo(status);
        JsonNode error = JSON.readTree(openai.body()).path("error");
        assertThat(error.path("message").isTextual()).isTrue();
        assertThat(error.path("type").isTextual()).isTrue();
        assertThat(error.has("param")).isTrue();
        assertThat(error.path("code").asText()).contains(code);
    }

    @Test
    void a_forbidden_model_and_a_missing_one_get_the_same_bytes() {
        TestGateway.Tenant tenant = gateway.tenant().models("qwen3:8b");
        TestClient restricted = new TestClient(gateway.url(), tenant.key().secret());

        HttpResponse<String> forbidden = restricted.post("/api/chat", TestClient.CHAT);
        HttpResponse<String> missing =
                restricted.post("/api/chat", TestClient.CHAT.replace("llama3.2:3b", "no-such:1b"));

        assertThat(forbidden.statusCode()).isEqualTo(403);
        assertThat(withoutId(forbidden)).isEqualTo(withoutId(missing));
        assertThat(headersWithoutId(forbidden)).isEqualTo(headersWithoutId(missing));
        for (String path : List.of("/v1/models/", "/api/show")) {
            HttpResponse<String> ofForbidden = ask(restricted, path, "llama3.2:3b");
            HttpResponse<String> ofMissing = ask(restricted, path, "no-such:1b");
            assertThat(ofForbidden.statusCode()).isEqualTo(403);
            assertThat(withoutId(ofForbidden)).isEqualTo(withoutId(ofMissing));
            assertThat(headersWithoutId(ofForbidden)).isEqualTo(headersWithoutId(ofMissing));
        }
    }

    @Test
    void an_encoded_body_is_an_unsupported_media_type() {
        HttpResponse<String> answer = client.send(client.request("/api/chat")
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofString(TestClient.CHAT))
                .build());

        assertThat(answer.statusCode()).isEqualTo(415);
    }

    @Test
    void a_body_over_the_limit_is_too_large_whether_declared_or_chunked() {
        byte[] large = TestClient.CHAT.replace("Hello", "x".repeat(300_000)).getBytes(StandardCharsets.UTF_8);

        HttpResponse<String> declared = client.send(client.request("/api/chat")
                .POST(HttpRequest.BodyPublishers.ofByteArray(large))
                .build());
        HttpResponse<String> chunked = client.send(client.request("/api/chat")
                .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofByteArray(large)))
                .build());

        assertThat(declared.statusCode()).isEqualTo(413);
        assertThat(chunked.statusCode()).isEqualTo(413);
    }

    @Test
    void a_known_path_with_another_method_names_the_one_that_is_allowed() {
        HttpResponse<String> answer = client.get("/api/chat");

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("POST");
    }

    @Test
    void whatever_is_not_byte_equal_to_an_entry_of_the_table_is_not_found() {
        for (String path : List.of(
                "/api/ps",
                "/api/me",
                "/debug/pprof",
                "/api/chat/",
                "/API/chat",
                "/api/%63hat",
                "/api/tags;x=1",
                "/api/tags?x=1")) {
            assertThat(client.get(path).statusCode()).as(path).isIn(400, 404);
        }
    }

    @Test
    void a_query_is_not_found_and_not_forwarded() {
        assertThat(client.post("/api/chat?key=x", TestClient.CHAT).statusCode()).isEqualTo(404);
    }

    @Test
    void two_authorization_headers_are_one_too_many() {
        HttpResponse<String> answer = client.send(client.request("/api/chat")
                .header("Authorization", "Bearer nonsense")
                .POST(HttpRequest.BodyPublishers.ofString(TestClient.CHAT))
                .build());

        assertThat(answer.statusCode()).isEqualTo(400);
    }

    private static HttpResponse<String> ask(TestClient caller, String path, String model) {
        return path.endsWith("/") ? caller.get(path + model) : caller.post(path, "{\"model\":\"" + model + "\"}");
    }

    private static Map<String, List<String>> headersWithoutId(HttpResponse<String> answer) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(answer.headers().map());
        headers.remove("X-Request-ID");
        headers.remove("Date");
        return headers;
    }

    private static String withoutId(HttpResponse<String> answer) {
        return answer.body().replace(answer.headers().firstValue("X-Request-ID").orElseThrow(), "ID");
    }
}
