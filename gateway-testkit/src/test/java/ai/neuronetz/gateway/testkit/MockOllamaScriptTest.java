package ai.neuronetz.gateway.testkit;

import static ai.neuronetz.gateway.testkit.MockClient.CHAT;
import static ai.neuronetz.gateway.testkit.MockClient.get;
import static ai.neuronetz.gateway.testkit.MockClient.json;
import static ai.neuronetz.gateway.testkit.MockClient.lines;
import static ai.neuronetz.gateway.testkit.MockClient.openChat;
import static ai.neuronetz.gateway.testkit.MockClient.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MockOllamaScriptTest {

    private static final String STREAMED = CHAT.replace("{\"m", "{\"stream\":true,\"m");
    private static final String WHOLE = CHAT.replace("{\"m", "{\"stream\":false,\"m");

    @RegisterExtension
    static final MockOllamaExtension MOCK =
            MockOllamaExtension.with(builder -> builder.models("llama3:8b", "qwen3:4b"));

    private final MockOllama ollama = MOCK.ollama();

    private String chat(String model) throws Exception {
        return post(ollama, "/api/chat", WHOLE.replace("llama3.2:3b", model)).body();
    }

    private static String text(String answer) throws IOException {
        return json(answer).path("message").path("content").asText();
    }

    @Nested
    class Rules {

        @Test
        void a_model_has_a_script_of_its_own_in_any_spelling_and_inherits_the_rest() throws Exception {
            ollama.counts(7, 3);
            ollama.onModel("LLAMA3:8B").thinking("hmm").reply("Hello", " world").tokensPerSecond(1_000);

            JsonNode scripted = json(chat("llama3:8b"));
            JsonNode other = json(chat("qwen3:4b"));

            assertThat(scripted.at("/message/content").asText()).isEqualTo("Hello world");
            assertThat(scripted.at("/message/thinking").asText()).isEqualTo("hmm");
            assertThat(scripted.at("/eval_count").asInt()).isEqualTo(3);
            assertThat(other.at("/message/content").asText()).startsWith("The quick");
        }

        @Test
        void a_script_for_the_next_requests_is_used_up_in_the_order_it_was_written() throws Exception {
            ollama.reply("ever after");
            ollama.next(2).fail(500, "cuda error: out of memory");
            ollama.next(1).reply("third");

            assertThat(chat("llama3:8b")).contains("cuda error");
            assertThat(chat("llama3:8b")).contains("cuda error");
            assertThat(text(chat("llama3:8b"))).isEqualTo("third");
            assertThat(text(chat("llama3:8b"))).isEqualTo("ever after");
        }

        @Test
        void a_count_goes_with_the_requests_that_match_only() throws Exception {
            ollama.onModel("qwen3:4b").times(1).reply("once");

            assertThat(text(chat("llama3:8b"))).startsWith("The");
            assertThat(text(chat("qwen3:4b"))).isEqualTo("once");
            assertThat(text(chat("qwen3:4b"))).startsWith("The");
        }

        @Test
        void a_predicate_chooses_by_what_was_sent_and_the_newest_rule_counts() throws Exception {
            ollama.on(request -> request.body().contains("Hello")).reply("older");
            ollama.on(request -> request.header("x-case").isEmpty()).reply("newer");

            assertThat(text(chat("llama3:8b"))).isEqualTo("newer");
        }

        @Test
        void a_rule_can_be_sound_where_all_others_fail() throws Exception {
            ollama.fail(503, "busy");
            ollama.onModel("qwen3:4b").sound();

            assertThat(post(ollama, "/api/chat", WHOLE.replace("llama3.2:3b", "llama3:8b"))
                            .statusCode())
                    .isEqualTo(503);
            assertThat(text(chat("qwen3:4b"))).startsWith("The");
        }

        @Test
        void the_extension_starts_each_test_without_the_rules_of_the_last_one(MockOllama injected) throws Exception {
            assertThat(injected).isSameAs(ollama);
            assertThat(ollama.requests()).isEmpty();
            ollama.fail(500, "left behind");
            ollama.next(5).fail(500, "left behind");

            MOCK.beforeEach(null);

            assertThat(text(chat("llama3:8b"))).startsWith("The");
        }
    }

    @Nested
    class Counts {

        @ParameterizedTest
        @CsvSource({
            "/api/chat, prompt_eval_count, eval_count, ''",
            "/v1/chat/completions, prompt_tokens, completion_tokens, usage",
            "/v1/messages, input_tokens, output_tokens, usage",
            "/v1/responses, input_tokens, output_tokens, usage",
        })
        void lies_are_told_in_every_dialect(String path, String input, String output, String in) throws Exception {
            String body = WHOLE.replace("llama3.2:3b", "llama3:8b")
                    .replace("{", "{")
                    .replaceFirst("\\{", "{\"max_tokens\":100,\"input\":\"Hello\",");
            ollama.counts(-5, Long.MAX_VALUE / 2);

            JsonNode lie = json(post(ollama, path, body).body());
            ollama.counts(0, 0);
            JsonNode zero = json(post(ollama, path, body).body());

            JsonNode counts = in.isEmpty() ? lie : lie.path(in);
            JsonNode zeros = in.isEmpty() ? zero : zero.path(in);
            assertThat(counts.path(input).asLong()).isEqualTo(-5);
            assertThat(counts.path(output).asLong()).isEqualTo(Long.MAX_VALUE / 2);
            assertThat(zeros.get(input).asLong()).isZero();
            assertThat(zeros.get(output).asLong()).isZero();
        }

        @Test
        void one_leg_of_two_can_be_missing() throws Exception {
            ollama.omitInputCount();
            JsonNode noInput = json(chat("llama3:8b"));
            ollama.reset().omitOutputCount();
            JsonNode noOutput = json(chat("llama3:8b"));

            assertThat(noInput.has("prompt_eval_count")).isFalse();
            assertThat(noInput.get("eval_count").asInt()).isEqualTo(12);
            assertThat(noOutput.has("eval_count")).isFalse();
            assertThat(noOutput.has("prompt_eval_count")).isTrue();
        }
    }

    @Nested
    class Faults {

        @ParameterizedTest
        @ValueSource(strings = {"/api/chat", "/v1/chat/completions"})
        void a_body_is_cut_at_the_byte_whether_it_is_streamed_or_not(String path) throws Exception {
            ollama.models("llama3.2:3b").cutAtByte(137);

            assertThat(post(ollama, path, STREAMED).body().getBytes(StandardCharsets.UTF_8))
                    .hasSize(137);
            assertThat(post(ollama, path, WHOLE).body().getBytes(StandardCharsets.UTF_8))
                    .hasSize(137);
        }

        @Test
        void a_reset_at_a_byte_shows_no_byte_after_it() throws Exception {
            ollama.models("llama3.2:3b").resetAtByte(137);

            try (Socket socket = openChat(ollama)) {
                InputStream in = socket.getInputStream();
                StringBuilder seen = new StringBuilder();
                assertThatThrownBy(() -> {
                            for (int b = in.read(); b >= 0; b = in.read()) {
                                seen.append((char) b);
                            }
                        })
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("reset");
                assertThat(seen.toString()).doesNotContain("\"done\":true");
            }
            assertThat(ollama.generations().get(0).state()).isEqualTo(Generation.State.FAILED);
        }

        @Test
        void an_answer_that_is_shorter_than_the_byte_comes_whole() throws Exception {
            ollama.models("llama3.2:3b").resetAtByte(1_000_000);

            assertThat(lines(post(ollama, "/api/chat", STREAMED).body())).hasSize(13);
            assertThat(text(post(ollama, "/api/chat", WHOLE).body())).startsWith("The quick");
        }

        @ParameterizedTest
        @ValueSource(longs = {0, 60})
        void a_stall_at_a_byte_lasts_until_the_client_goes(long offset) throws Exception {
            ollama.models("llama3.2:3b").stallAtByte(offset);

            try (Socket socket = openChat(ollama)) {
                while (ollama.openStreams() == 0) {
                    Thread.onSpinWait();
                }
                socket.setSoTimeout(300);
                StringBuilder seen = new StringBuilder();
                assertThatThrownBy(() -> {
                            InputStream in = socket.getInputStream();
                            for (int b = in.read(); b >= 0; b = in.read()) {
                                seen.append((char) b);
                            }
                        })
                        .isInstanceOf(java.net.SocketTimeoutException.class);
                assertThat(seen.isEmpty()).isEqualTo(offset == 0);
            }
            ollama.awaitQuiet(Duration.ofSeconds(10));
            assertThat(ollama.generations().get(0).state()).isEqualTo(Generation.State.CANCELLED);
        }

        @Test
        void garbage_is_invalid_utf8_or_too_long_and_the_answer_goes_on() throws Exception {
            ollama.models("llama3.2:3b").invalidUtf8After(1);
            String invalid = post(ollama, "/api/chat", STREAMED).body();
            ollama.oversizedFrameAfter(1, 3_000_000);
            HttpResponse<String> oversized = post(ollama, "/v1/chat/completions", STREAMED);

            assertThat(invalid.lines().skip(1).findFirst().orElseThrow()).contains("\ufffd");
            assertThat(invalid.lines().count()).isEqualTo(14);
            assertThat(oversized.body().length()).isGreaterThan(3_000_000);
            assertThat(oversized.body()).endsWith("data: [DONE]\n\n");
        }

        @Test
        void a_place_before_the_answer_is_refused() {
            assertThatIllegalArgumentException().isThrownBy(() -> ollama.resetAtByte(-1));
            assertThatIllegalArgumentException().isThrownBy(() -> ollama.tokensPerSecond(0));
        }
    }

    @Test
    void a_model_is_installed_with_its_digest_and_details_or_as_a_cloud_model() throws Exception {
        String digest = "ab".repeat(32);
        ollama.models("llama3:8b")
                .install(MockModel.named("big:70b")
                        .withDigest(digest)
                        .withDetails("qwen3", "70.6B", "Q8_0", 131_072)
                        .withCapabilities("completion", "thinking"))
                .install(MockModel.named("gpt-oss:120b-cloud").at("https://ollama.com:443"));

        JsonNode models = json(get(ollama, "/api/tags").body()).get("models");
        JsonNode shown =
                json(post(ollama, "/api/show", "{\"model\":\"big:70b\"}").body());

        assertThat(models).hasSize(3);
        assertThat(models.get(1).get("digest").asText()).isEqualTo(digest);
        assertThat(models.get(1).at("/details/parameter_size").asText()).isEqualTo("70.6B");
        assertThat(models.get(0).has("remote_host")).isFalse();
        assertThat(models.get(2).get("remote_host").asText()).isEqualTo("https://ollama.com:443");
        assertThat(shown.at("/model_info/qwen3.context_length").asInt()).isEqualTo(131_072);
        assertThat(shown.at("/capabilities/1").asText()).isEqualTo("thinking");
    }

    @Test
    void an_extension_of_an_instance_has_one_for_each_test_and_closes_it() throws Exception {
        MockOllamaExtension extension = new MockOllamaExtension();
        extension.beforeEach(null);
        int port = extension.ollama().port();
        extension.afterEach(null);

        assertThatThrownBy(() -> new Socket("127.0.0.1", port)).isInstanceOf(IOException.class);
        assertThatThrownBy(extension::ollama).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void the_program_takes_its_options_and_names_the_one_it_does_not_understand() throws Exception {
        try (MockOllama started = MockOllamaMain.start(
                "--port", "0", "--models", "a,b", "--tokens", "2", "--tokens-per-second", "5000")) {
            assertThat(json(get(started, "/api/tags").body()).get("models")).hasSize(2);
            assertThat(text(post(started, "/api/chat", WHOLE.replace("llama3.2:3b", "a"))
                            .body()))
                    .isEqualTo(" t0 t1");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MockOllamaMain.start("--tokens", "many"))
                .withMessage("--tokens: many (expected: a whole number >= 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MockOllamaMain.start("--color", "red"))
                .withMessageStartingWith("--color: unknown");
    }
}
