package ai.neuronetz.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.conformance.ConformanceMain;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class EmbeddedTomcatTest {

    private static final String CHAT =
            "{\"model\":\"llama3.2:3b\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void the_example_protects_an_ollama() throws Exception {
        try (TestGateway stores = TestGateway.builder()
                // On a busy machine too.
                .settings(settings -> settings.discoveryMaxAge(Duration.ofMinutes(1)))
                .start()) {
            stores.ollama().models("llama3.2:3b");
            String key = stores.tenant().key().secret();
            Tomcat tomcat = EmbeddedTomcat.start(0, stores.settings());
            try {
                URI url = URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort());
                awaitHealthy(url);

                assertThat(chat(url, "nonsense")).isEqualTo(401);
                assertThat(chat(url, key)).isEqualTo(200);
                assertThat(conformance(url, key)).contains(" 0 failed");
            } finally {
                tomcat.stop();
                tomcat.destroy();
            }
        }
    }

    /** What an operator sees who checks this gateway from outside. */
    private static String conformance(URI url, String key) {
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(report, true, StandardCharsets.UTF_8);
        ConformanceMain.run(new String[] {"--url", url.toString()}, Map.of("CONFORMANCE_KEY", key), out, out);
        return report.toString(StandardCharsets.UTF_8);
    }

    private int chat(URI url, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(url.resolve("/api/chat"))
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(CHAT))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private void awaitHealthy(URI url) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        HttpRequest health = HttpRequest.newBuilder(url.resolve("/healthz")).build();
        while (http.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
            assertThat(System.nanoTime()).as("healthy in time").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
