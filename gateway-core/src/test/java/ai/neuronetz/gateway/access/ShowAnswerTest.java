package ai.neuronetz.gateway.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ShowAnswerTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String EVERYTHING = """
            {"license":"MIT","modelfile":"FROM /CANARY/blobs/sha256-0\\nSYSTEM CANARY","parameters":"stop \\"<|end|>\\"",
             "template":"PROMPT {{ .Prompt }}","system":"PROMPT be nice",
             "messages":[{"role":"user","content":"PROMPT hi","images":["CANARY"],"path":"CANARY"}],
             "details":{"parent_model":"CANARY","format":"gguf","family":"llama","families":["llama",1],
                        "parameter_size":"8B","quantization_level":"Q4_0","secret":"CANARY"},
             "remote_host":"https://CANARY","remote_model":"CANARY","signin_url":"CANARY",
             "model_info":{"general.architecture":"llama","llama.context_length":8192,"llama.rope.freq_base":1.5,
                           "general.quantized":true,"general.languages":["en","de"],"general.nothing":null,
                           "nested":{"path":"CANARY"},"nested.array":[["CANARY"]],"nested.objects":[{"a":"CANARY"}]},
             "projector_info":{"path":"/CANARY"},"tensors":[{"name":"CANARY"}],
             "capabilities":["completion",{"x":"CANARY"}],"modified_at":"2026-08-01T10:00:00Z","requires":"CANARY",
             "_debug":"CANARY"}
            """;

    @Test
    void only_what_clients_may_see_is_written() throws IOException {
        String shown = sanitised(EVERYTHING, false);

        assertThat(shown).doesNotContain("CANARY").doesNotContain("PROMPT");
        assertThat(JSON.readTree(shown)).isEqualTo(JSON.readTree("""
                {"license":"MIT","parameters":"stop \\"<|end|>\\"",
                 "details":{"format":"gguf","family":"llama","families":["llama"],"parameter_size":"8B",
                            "quantization_level":"Q4_0"},
                 "model_info":{"general.architecture":"llama","llama.context_length":8192,"llama.rope.freq_base":1.5,
                               "general.quantized":true,"general.languages":["en","de"]},
                 "capabilities":["completion"],"modified_at":"2026-08-01T10:00:00Z"}
                """));
    }

    @Test
    void prompts_are_written_if_the_operator_allows_it_and_files_are_not() throws IOException {
        String shown = sanitised(EVERYTHING, true);

        assertThat(shown).doesNotContain("CANARY");
        JsonNode answer = JSON.readTree(shown);
        assertThat(answer.path("template").textValue()).isEqualTo("PROMPT {{ .Prompt }}");
        assertThat(answer.path("system").textValue()).isEqualTo("PROMPT be nice");
        assertThat(answer.path("messages").toString()).isEqualTo("[{\"role\":\"user\",\"content\":\"PROMPT hi\"}]");
        assertThat(answer.has("modelfile")).isFalse();
    }

    @Test
    void long_arrays_and_texts_of_the_file_are_left_out() throws IOException {
        String shown = sanitised(
                "{\"details\":{},\"model_info\":{\"vocabulary\":[" + "1,".repeat(64) + "1],\"short\":["
                        + "1,".repeat(63) + "1],\"text\":\"" + "x".repeat(257) + "\",\"" + "k".repeat(129) + "\":1}}",
                false);

        assertThat(JSON.readTree(shown).path("model_info").fieldNames())
                .toIterable()
                .containsExactly("short");
    }

    @Test
    void an_answer_that_is_too_long_to_keep_is_kept_without_its_texts() throws IOException {
        String license = "é".repeat(ShowAnswer.MAX_BYTES / 2);

        String shown = sanitised(
                "{\"license\":\"" + license + "\",\"system\":\"x\",\"details\":{\"family\":\"llama\"},"
                        + "\"model_info\":{\"a\":1,\"b\":[1]},\"capabilities\":[\"completion\"]}",
                true);

        assertThat(shown)
                .isEqualTo(
                        "{\"details\":{\"family\":\"llama\"},\"model_info\":{\"a\":1},\"capabilities\":[\"completion\"]}");
    }

    @Test
    void an_answer_that_is_too_long_all_the_same_is_none() {
        String capability = "x".repeat(ShowAnswer.MAX_BYTES);

        assertThatThrownBy(() -> sanitised("{\"details\":{},\"capabilities\":[\"" + capability + "\"]}", false))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "[]", "{}", "{\"details\":[]}", "{\"details\":{}", "{\"details\":{}}x", "\"x\""})
    void what_is_no_answer_is_an_error(String json) {
        assertThatThrownBy(() -> sanitised(json, false)).isInstanceOf(IOException.class);
    }

    @Test
    void of_a_model_elsewhere_is_shown_what_its_listing_says() {
        assertThat(
                        ShowAnswer.ofListing(
                                "{\"name\":\"m\",\"digest\":\"d\",\"modified_at\":\"t\",\"details\":{\"family\":\"x\"},\"capabilities\":[\"tools\"]}"))
                .isEqualTo(
                        "{\"details\":{\"family\":\"x\"},\"model_info\":{},\"capabilities\":[\"tools\"],\"modified_at\":\"t\"}");
    }

    private static String sanitised(String json, boolean prompts) throws IOException {
        return ShowAnswer.sanitised(json.getBytes(UTF_8), prompts);
    }
}
