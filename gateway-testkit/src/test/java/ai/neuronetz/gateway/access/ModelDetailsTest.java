package ai.neuronetz.gateway.access;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.testkit.MockOllama;
import ai.neuronetz.gateway.testkit.ReceivedRequest;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** What is learnt of models beside their names, and what it costs Ollama. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ModelDetailsTest {

    private static final Duration OFTEN = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofMinutes(1);

    private final MockOllama ollama = MockOllama.start();

    @AfterEach
    void stop() {
        ollama.close();
    }

    @Test
    void each_model_is_asked_about_once_and_briefly() {
        ollama.models("llama3:8b", "qwen3:8b");
        try (OllamaDiscovery discovery = discover()) {
            await().until(() -> details(discovery, "llama3:8b").isPresent()
                    && details(discovery, "qwen3:8b").isPresent());
            awaitPolls(5);

            assertThat(asked())
                    .extracting(ReceivedRequest::body)
                    .containsExactlyInAnyOrder("{\"model\":\"llama3:8b\"}", "{\"model\":\"qwen3:8b\"}");
            assertThat(details(discovery, "llama3:8b").orElseThrow())
                    .contains("\"llama3.context_length\":40960")
                    .doesNotContain("/root/", "modelfile", "template");
        }
    }

    @Test
    void prompts_are_kept_if_they_may_be_shown() {
        ollama.models("llama3:8b");
        try (OllamaDiscovery discovery = OllamaDiscovery.start(ollama.uri(), OFTEN, LONG, true)) {
            await().until(() -> details(discovery, "llama3:8b").isPresent());

            assertThat(details(discovery, "llama3:8b").orElseThrow())
                    .contains("{{ .Prompt }}")
                    .doesNotContain("/root/", "modelfile");
        }
    }

    @Test
    void a_name_that_points_at_another_model_is_asked_about_again() {
        ollama.models("llama3:8b");
        try (OllamaDiscovery discovery = discover()) {
            await().until(() -> details(discovery, "llama3:8b").isPresent());
            InstalledModel before = model(discovery, "llama3:8b").orElseThrow();

            ollama.stub(show(aResponse().withBody("{\"details\":{\"family\":\"other\"}}")));
            ollama.digest("llama3:8b", "f".repeat(64));

            await().until(() -> details(discovery, "llama3:8b").orElse("").contains("other"));
            assertThat(discovery.details(before)).isEmpty();
        }
    }

    @Test
    void a_model_that_has_gone_is_forgotten() {
        ollama.models("llama3:8b");
        try (OllamaDiscovery discovery = discover()) {
            await().until(() -> details(discovery, "llama3:8b").isPresent());
            InstalledModel gone = model(discovery, "llama3:8b").orElseThrow();

            ollama.models();

            await().until(() -> discovery.details(gone).isEmpty());
        }
    }

    @Test
    void what_is_no_answer_is_asked_for_again_and_the_model_is_listed_meanwhile() {
        ollama.models("llama3:8b");
        for (ResponseDefinitionBuilder failure : List.of(
                aResponse().withStatus(500).withBody("{\"details\":{}}"),
                aResponse().withStatus(302).withHeader("Location", "/api/tags"),
                aResponse().withBody("CANARY"),
                aResponse().withBody("{\"details\":{}}" + " ".repeat(4 << 20)))) {
            ollama.wireMock().resetAll();
            ollama.stub(show(failure));
            ollama.clearRecord();
            try (OllamaDiscovery discovery = discover()) {
                await().until(() -> asked().size() >= 2);
                assertThat(model(discovery, "llama3:8b")).isPresent();
                assertThat(details(discovery, "llama3:8b")).isEmpty();

                ollama.stub(show(aResponse().withBody("{\"details\":{}}")));
                await().until(() -> details(discovery, "llama3:8b").isPresent());
            }
        }
    }

    @Test
    void an_answer_that_does_not_come_delays_no_discovery_and_no_second_question_is_asked_meanwhile() {
        ollama.models("llama3:8b", "qwen3:8b");
        ollama.stub(show(aResponse().withFixedDelay(60_000).withBody("{\"details\":{}}")));
        try (OllamaDiscovery discovery = discover()) {
            await().until(() -> asked().size() == 1);

            awaitPolls(10);
            ollama.models("mistral:7b");
            await().until(() -> model(discovery, "mistral:7b").isPresent());

            assertThat(asked()).hasSize(1);
        }
    }

    @Test
    void a_model_of_another_machine_is_not_asked_about() {
        ollama.models("gpt-oss:120b-cloud", "llama3:8b");
        try (OllamaDiscovery discovery = discover()) {
            await().until(() -> details(discovery, "llama3:8b").isPresent());

            assertThat(details(discovery, "gpt-oss:120b-cloud").orElseThrow()).contains("\"model_info\":{}");
            assertThat(asked()).extracting(ReceivedRequest::body).containsExactly("{\"model\":\"llama3:8b\"}");
        }
    }

    private OllamaDiscovery discover() {
        return OllamaDiscovery.start(ollama.uri(), OFTEN, LONG, false);
    }

    private static com.github.tomakehurst.wiremock.client.MappingBuilder show(ResponseDefinitionBuilder answer) {
        return post(urlEqualTo("/api/show")).willReturn(answer);
    }

    private List<ReceivedRequest> asked() {
        return ollama.requests().stream()
                .filter(request -> request.path().equals("/api/show"))
                .toList();
    }

    private void awaitPolls(int more) {
        long before = polls();
        await().until(() -> polls() >= before + more);
    }

    private long polls() {
        return ollama.requests().stream()
                .filter(request -> request.path().equals("/api/tags"))
                .count();
    }

    private static Optional<InstalledModel> model(OllamaDiscovery discovery, String spelling) {
        return discovery.current().stream()
                .flatMap(seen -> seen.models().stream())
                .filter(model -> model.spelling().equals(spelling))
                .findFirst();
    }

    private static Optional<String> details(OllamaDiscovery discovery, String spelling) {
        return model(discovery, spelling).flatMap(discovery::details);
    }
}
