package ai.neuronetz.gateway.ollama;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors: Ollama's own parser, compiled and run. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ModelNameTest {

    private static final ModelName LLAMA3 = new ModelName("registry.ollama.ai", "library", "llama3", "latest", false);
    private static final ModelName LLAMA3_8B = new ModelName("registry.ollama.ai", "library", "llama3", "8b", false);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama3",
                "llama3:latest",
                "LLAMA3:Latest",
                "library/llama3",
                "registry.ollama.ai/library/llama3",
                "REGISTRY.OLLAMA.AI/LIBRARY/LLAMA3",
                "llama3:local",
                "llama3:LOCAL",
                "llama3:latest:local"
            })
    void all_names_of_a_local_model_are_equal(String text) {
        assertThat(ModelName.parse(text)).contains(LLAMA3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama3:8b-cloud", "llama3:8b-CLOUD", "llama3:8b:cloud", "LLAMA3:8B:Cloud"})
    void a_cloud_suffix_makes_it_another_model(String text) {
        assertThat(ModelName.parse(text))
                .contains(new ModelName("registry.ollama.ai", "library", "llama3", "8b", true))
                .isNotEqualTo(ModelName.parse("llama3:8b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama3:cloud", "llama3:CLOUD", "llama3:latest-cloud"})
    void a_cloud_suffix_without_a_tag_means_the_latest(String text) {
        assertThat(ModelName.parse(text))
                .contains(new ModelName("registry.ollama.ai", "library", "llama3", "latest", true));
    }

    @Test
    void a_cloud_suffix_needs_a_colon() {
        assertThat(ModelName.parse("llama3-cloud").orElseThrow().cloud()).isFalse();
        assertThat(ModelName.parse("llama3-cloud").orElseThrow().model()).isEqualTo("llama3-cloud");
    }

    @Test
    void another_host_or_tag_is_another_model() {
        assertThat(ModelName.parse("registry.ollama.ai:443/library/llama3")
                        .orElseThrow()
                        .host())
                .isEqualTo("registry.ollama.ai:443");
        assertThat(ModelName.parse("ollama.com/library/llama3").orElseThrow()).isNotEqualTo(LLAMA3);
        assertThat(ModelName.parse("hf.co/u/m:Q4_K_M")).contains(new ModelName("hf.co", "u", "m", "q4_k_m", false));
        assertThat(ModelName.parse("llama3:8b")).contains(LLAMA3_8B);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama3:cloud:local",
                "llama3:local:local",
                "llama3:local:cloud",
                "x:8b-cloud:local",
                "x:8b-cloud:cloud",
                "registry.ollama.ai/llama3",
                "llama3:",
                ":latest",
                ":local",
                ":cloud",
                "/llama3",
                "llama3/",
                "library//llama3",
                "./llama3",
                "../llama3",
                "a/b/c/d",
                "llama3:-cloud",
                "llama3@sha256:aaaa",
                "llama3:8b/x",
                ""
            })
    void what_ollama_refuses_is_no_name(String text) {
        assertThat(ModelName.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " llama3 ",
                "\u00a0llama3",
                "llama3: local",
                "llama3:8b: Local ",
                "llama3: 8b-cloud",
                "https://registry.ollama.ai/library/llama3:latest",
                "foo://registry.ollama.ai/library/llama3",
                "llama3\u0000",
                "llama3\n",
                "l\u017fama3",
                "\u212aimi",
                "llama3\u200b"
            })
    void what_only_a_quirk_would_accept_is_no_name(String text) {
        assertThat(ModelName.parse(text)).isEmpty();
    }

    @Test
    void length_is_bounded() {
        assertThat(ModelName.parse("a".repeat(80))).isPresent();
        assertThat(ModelName.parse("a".repeat(81))).isEmpty();
        assertThat(ModelName.parse("a".repeat(100_000))).isEmpty();
    }

    @Test
    void spellings_of_one_model_have_one_text() {
        assertThat(List.of("llama3", "LLAMA3:latest", "library/llama3", "registry.ollama.ai/library/llama3:LATEST"))
                .extracting(ModelName::canonical)
                .containsOnly("registry.ollama.ai/library/llama3:latest");
        assertThat(ModelName.canonical("gpt-oss:20b-cloud")).isNotEqualTo(ModelName.canonical("gpt-oss:20b"));
        assertThat(ModelName.canonical("no name")).isEqualTo("no name");
    }
}
