package ai.neuronetz.gateway.testkit;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MockOllamaTransformerTest {

    private final MockOllamaTransformer ollama = new MockOllamaTransformer();
    private final WireMockServer wireMock =
            new WireMockServer(options().bindAddress("127.0.0.1").dynamicPort().extensions(ollama));
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void start() {
        wireMock.start();
        wireMock.stubFor(any(anyUrl()).willReturn(aResponse().withTransformers("mock-ollama")));
    }

    @AfterEach
    void stop() {
        wireMock.stop();
    }

    private HttpResponse<String> send(String path, String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(wireMock.baseUrl() + path))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void a_stub_answers_in_the_dialect_that_was_asked_in() throws Exception {
        ollama.thinking("hm").reply("Hel", "lo").counts(5, 3);

        HttpResponse<String> ndjson = send("/api/chat", MockClient.CHAT);
        HttpResponse<String> sse =
                send("/v1/chat/completions", MockClient.CHAT.replaceFirst("\\{", "{\"stream\":true,"));
        HttpResponse<String> tags = client.send(
                HttpRequest.newBuilder(URI.create(wireMock.baseUrl() + "/api/tags"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(ndjson.headers().firstValue("content-type")).contains("application/x-ndjson");
        assertThat(ndjson.body().lines()).hasSize(4);
        assertThat(ndjson.body()).contains("\"thinking\":\"hm\"", "\"eval_count\":3");
        assertThat(sse.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(sse.body()).endsWith("data: [DONE]\n\n");
        assertThat(tags.body()).contains("llama3.2:3b");
    }

    @Test
    void other_stubs_of_the_same_wiremock_answer_as_ever() throws Exception {
        wireMock.stubFor(post(urlEqualTo("/api/chat")).willReturn(okJson("{}")));

        assertThat(send("/api/chat", MockClient.CHAT).body()).isEqualTo("{}");
    }

    @Test
    void errors_cuts_and_garbage_are_in_the_body() throws Exception {
        ollama.fail(404, "model 'x' not found");
        HttpResponse<String> refused = send("/api/chat", MockClient.CHAT);
        ollama.sound().failAfter(3, "engine died");
        String failed = send("/api/chat", MockClient.CHAT).body();
        ollama.cutAtByte(137);
        String cut = send("/api/chat", MockClient.CHAT).body();
        ollama.garbageAfter(12);
        String garbage = send("/api/chat", MockClient.CHAT).body();

        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(failed.lines().toList()).hasSize(4).last().isEqualTo("{\"error\":\"engine died\"}");
        assertThat(cut).hasSize(137);
        assertThat(garbage.lines()).hasSize(14);
    }

    @Test
    void a_broken_connection_is_broken_and_a_stall_which_wiremock_cannot_do_is_refused() throws Exception {
        ollama.resetAtByte(137);
        assertThatThrownBy(() -> send("/api/chat", MockClient.CHAT)).isInstanceOf(IOException.class);

        ollama.stallAfter(2);
        assertThat(send("/api/chat", MockClient.CHAT).statusCode()).isEqualTo(501);
    }

    @Test
    void the_pace_is_kept_as_one_delay() throws Exception {
        ollama.replyTokens(11).pace(Duration.ofMillis(20)).firstFrameAfter(Duration.ofMillis(50));

        long start = System.nanoTime();
        send("/api/chat", MockClient.CHAT);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(245));
    }
}
