package com.example.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.testkit.TestGateway;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class ShutdownTests {

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void whenTheContextClosesAnAnswerEndsAndNothingOfTheGatewayIsLeft() throws Exception {
        try (TestGateway stores = TestGateway.start()) {
            String key = stores.tenant().key().secret();
            // What is left at the end is then the application's.
            stores.replica(0).close();
            awaitNothingOf(stores);
            ConfigurableApplicationContext application = start(stores);
            URI url = URI.create(
                    "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port") + "/llm/");
            awaitHealthy(url);
            stores.ollama().replyTokens(6).pace(Duration.ofMillis(100));

            HttpResponse<Stream<String>> answer = chat(url, key);
            Iterator<String> frames = answer.body().iterator();
            frames.next();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(application::close);
            String last = "";
            while (frames.hasNext()) {
                last = frames.next();
            }
            closing.get(30, TimeUnit.SECONDS);

            assertThat(last).contains("\"done\":true");
            awaitNothingOf(stores);
        }
    }

    private static ConfigurableApplicationContext start(TestGateway stores) {
        return SpringApplication.run(
                DemoApplication.class,
                "--server.port=0",
                "--gateway.database-url=" + stores.settings().databaseUrl(),
                "--gateway.redis-url=" + stores.settings().redisUrl(),
                "--gateway.key-pepper=" + stores.settings().keyPepper(),
                "--gateway.ollama-url=" + stores.settings().ollamaUrl());
    }

    private static void awaitNothingOf(TestGateway stores) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (connections(stores) > 0 || !threads().isEmpty()) {
            assertThat(System.nanoTime())
                    .as(connections(stores) + " connections to PostgreSQL and the threads " + threads())
                    .isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static int connections(TestGateway stores) throws Exception {
        try (Connection connection = stores.database().connect();
                ResultSet rows = connection
                        .createStatement()
                        .executeQuery("SELECT count(*) FROM pg_stat_activity"
                                + " WHERE usename = 'gateway_app' AND datname = current_database()")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("gateway-") || name.startsWith("redisson"))
                .toList();
    }

    private void awaitHealthy(URI url) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        HttpRequest health = HttpRequest.newBuilder(url.resolve("healthz")).build();
        while (http.send(health, BodyHandlers.discarding()).statusCode() != 200) {
            assertThat(System.nanoTime()).as("healthy in time").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private HttpResponse<Stream<String>> chat(URI url, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(url.resolve("api/chat"))
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"llama3.2:3b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"))
                .build();
        return http.send(request, BodyHandlers.ofLines());
    }
}
