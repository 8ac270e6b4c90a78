package com.example.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.conformance.ConformanceMain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class DemoApplicationTests {

    private static final String CHAT =
            "{\"model\":\"llama3.2:3b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    /** PostgreSQL, Redis and a mock Ollama. */
    private static final TestGateway STORES = TestGateway.start();

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
        while (get("/llm/healthz").statusCode() != 200) {
            assertThat(System.nanoTime()).as("healthy in time").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    @Test
    void whoeverHasNoKeyReachesNothing() throws Exception {
        assertThat(get("/llm/api/tags").statusCode()).isEqualTo(401);
        assertThat(chat("nonsense").statusCode()).isEqualTo(401);
        assertThat(STORES.ollama().generations()).isEmpty();
    }

    @Test
    void aTenantStreamsThroughTheApplication() throws Exception {
        String key = STORES.tenant().key().secret();

        HttpResponse<Stream<String>> answer = chat(key);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().toList())
                .hasSizeGreaterThan(1)
                .last()
                .asString()
                .contains("\"done\":true");
    }

    @Test
    void theApplicationsOwnPathsAreAsTheyWere() throws Exception {
        assertThat(get("/greeting").body()).isEqualTo("Hello");
    }

    @Test
    void whatAnOperatorChecksFromOutsideIsAsItShouldBe() {
        String key = STORES.tenant().key().secret();
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(report, true, StandardCharsets.UTF_8);

        ConformanceMain.run(new String[] {"--url", application + "/llm"}, Map.of("CONFORMANCE_KEY", key), out, out);

        assertThat(report.toString(StandardCharsets.UTF_8)).contains(" 0 failed");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(application.resolve(path)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<Stream<String>> chat(String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(application.resolve("/llm/api/chat"))
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(CHAT))
                .build();
        return http.send(request, BodyHandlers.ofLines());
    }
}
