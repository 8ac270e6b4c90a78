package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServeAcceptanceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String CHAT =
            "{\"model\":\"llama3:8b\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Installation installation = new Installation();
    private String key = "";

    @BeforeAll
    void createKey() throws IOException {
        installation.command("create-tenant", "--tenant", "acme");
        installation.command("set-models", "--tenant", "acme", "--allow-all");
        key = installation.createKey("acme");
    }

    @AfterAll
    void close() {
        installation.close();
    }

    @BeforeEach
    void resetOllama() {
        installation.ollama().reset().models("llama3:8b");
    }

    @Test
    void a_gateway_that_was_set_up_with_the_commands_answers() throws Exception {
        try (GatewayProcess gateway = start(Map.of())) {
            assertThat(get(gateway, "/api/tags").body()).contains("llama3:8b");
            assertThat(get(gateway, "/api/pull").statusCode()).isEqualTo(403);
            assertThat(get(gateway, "/playground").statusCode()).isEqualTo(404);

            gateway.terminate();

            assertThat(gateway.exitCode(PATIENCE)).isZero();
            assertThat(gateway.log()).contains("LISTEN_PORT=0", "stopped").doesNotContain(key);
            installation.assertNoSecretIn(gateway.log());
            assertThatThrownBy(() -> get(gateway, "/livez")).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void sigterm_lets_an_open_answer_end_and_admits_no_other() throws Exception {
        installation.ollama().replyTokens(40).pace(Duration.ofMillis(50));
        try (GatewayProcess gateway = start(Map.of())) {
            BufferedReader answer = chat(gateway);
            String first = answer.readLine();

            gateway.terminate();
            awaitStatus(gateway, "/healthz", 503);

            assertThat(get(gateway, "/api/tags").statusCode()).isEqualTo(503);
            assertThat(first + answer.lines().collect(Collectors.joining())).contains("data: [DONE]");
            assertThat(gateway.exitCode(PATIENCE)).isZero();
        }
    }

    @Test
    void an_answer_that_outlasts_the_grace_ends_with_an_error() throws Exception {
        installation.ollama().stallAfter(3);
        try (GatewayProcess gateway = start(Map.of("SHUTDOWN_GRACE", "500ms"))) {
            BufferedReader answer = chat(gateway);
            answer.readLine();

            gateway.terminate();

            assertThat(answer.lines().collect(Collectors.joining()))
                    .contains("shutting_down")
                    .doesNotContain("[DONE]");
            assertThat(gateway.exitCode(PATIENCE)).isZero();
        }
    }

    private GatewayProcess start(Map<String, String> more) throws IOException {
        Map<String, String> settings = installation.serveSettings();
        settings.putAll(more);
        GatewayProcess gateway = GatewayProcess.start(settings);
        awaitStatus(gateway, "/healthz", 200);
        return gateway;
    }

    /** Opens a stream. Tries again while a gateway that is still cold cannot verify in time, as its clients are told to. */
    private BufferedReader chat(GatewayProcess gateway) throws IOException, InterruptedException {
        HttpRequest request = request(gateway, "/v1/chat/completions")
                .POST(HttpRequest.BodyPublishers.ofString(CHAT))
                .build();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        while (response.statusCode() == 503 && System.nanoTime() < deadline) {
            response.body().close();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        }
        BufferedReader body = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        if (response.statusCode() != 200) {
            assertThat(body.lines().collect(Collectors.joining()))
                    .as(gateway.log())
                    .isEmpty();
        }
        return body;
    }

    private HttpResponse<String> get(GatewayProcess gateway, String path) throws IOException, InterruptedException {
        return http.send(request(gateway, path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(GatewayProcess gateway, String path) {
        return HttpRequest.newBuilder(URI.create(gateway.url() + path)).header("Authorization", "Bearer " + key);
    }

    private void awaitStatus(GatewayProcess gateway, String path, int status) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (get(gateway, path).statusCode() != status) {
                assertThat(System.nanoTime()).as(gateway.log()).isLessThan(deadline);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
