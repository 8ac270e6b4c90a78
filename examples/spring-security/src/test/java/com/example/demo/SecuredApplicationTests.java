package com.example.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.conformance.ConformanceMain;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"spring.security.user.name=ann", "spring.security.user.password=secret"})
class SecuredApplicationTests {

    private static final String CHAT =
            "{\"model\":\"llama3.2:3b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private static final String ANN =
            "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes(StandardCharsets.UTF_8));

    /** PostgreSQL, Redis and a mock Ollama. */
    private static final TestGateway STORES = TestGateway.start();

    private static final String TENANT = "Bearer " + STORES.tenant().key().secret();

    private final HttpClient http = HttpClient.newHttpClient();

    @Value("http://127.0.0.1:${local.server.port}")
    private URI application;

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        registry.add("gateway.database-url", STORES.settings()::databaseUrl);
        registry.add("gateway.redis-url", STORES.settings()::redisUrl);
        registry.add("gateway.key-pepper", STORES.settings()::keyPepper);
        registry.add("gateway.ollama-url", STORES.settings()::ollamaUrl);
    }

    @AfterAll
    static void stop() {
        STORES.close();
    }

    @BeforeEach
    void awaitHealthy() throws Exception {
        STORES.ollama().models("llama3.2:3b");
        STORES.ollama().clearRecord();
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (get("/llm/healthz", "").statusCode() != 200) {
            assertThat(System.nanoTime()).as("healthy in time").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    @Test
    void whoeverHasNoKeyIsRefusedByTheGatewayAndNotByTheApplication() throws Exception {
        HttpResponse<String> refused = get("/llm/api/tags", "");

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"neuronetz-gateway\"");
        assertThat(refused.body()).contains("invalid_api_key");
        assertThat(refused.headers().map()).doesNotContainKey("set-cookie");
    }

    @Test
    void aTenantStreamsThroughSpringSecurityWithoutASession() throws Exception {
        HttpResponse<String> answer = chat("/llm/api/chat", TENANT);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().lines())
                .hasSizeGreaterThan(1)
                .last()
                .asString()
                .contains("\"done\":true");
        assertThat(answer.headers().map()).doesNotContainKey("set-cookie");
    }

    @Test
    void aUserOfTheApplicationIsNoTenantAndATenantIsNoUser() throws Exception {
        assertThat(get("/greeting", ANN).body()).isEqualTo("Hello");
        assertThat(get("/greeting", TENANT).statusCode()).isEqualTo(401);
        assertThat(chat("/llm/api/chat", ANN).statusCode()).isEqualTo(401);
        assertThat(STORES.ollama().generations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//llm/api/chat",
                "/llm//api/chat",
                "/llm/./api/chat",
                "/llm/..;/llm/api/chat",
                "/greeting/..%2fllm/api/chat"
            })
    void aPathInAnotherSpellingIsRefusedAsItIs(String path) throws Exception {
        assertThat(chat(path, TENANT).statusCode()).isEqualTo(400);
        assertThat(STORES.ollama().generations()).isEmpty();
    }

    @Test
    void whatAnOperatorChecksFromOutsideIsAsItShouldBe() {
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(report, true, StandardCharsets.UTF_8);

        ConformanceMain.run(
                new String[] {"--url", application + "/llm"},
                Map.of("CONFORMANCE_KEY", TENANT.substring("Bearer ".length())),
                out,
                out);

        assertThat(report.toString(StandardCharsets.UTF_8)).contains(" 0 failed");
    }

    private HttpResponse<String> get(String path, String authorization) throws Exception {
        return http.send(request(path, authorization).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> chat(String path, String authorization) throws Exception {
        return http.send(
                request(path, authorization).POST(BodyPublishers.ofString(CHAT)).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path, String authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(application + path));
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }
}
