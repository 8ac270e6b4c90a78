package ai.neuronetz.gateway.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DiscoveryAnswerTest {

    private static final String DIGEST = "0123456789abcdef".repeat(4);

    @Test
    void a_model_is_read_and_listed_with_the_fields_that_are_known() throws IOException {
        List<InstalledModel> models = models("[{\"name\":\"qwen3:8b\",\"model\":\"qwen3:8b\","
                + "\"modified_at\":\"2026-08-01T10:00:00.123456789+02:00\",\"size\":5225388164,\"digest\":\"" + DIGEST
                + "\",\"path\":\"/root/CANARY\",\"details\":{\"parent_model\":\"CANARY\",\"format\":\"gguf\",\"families\":[\"qwen3\",1],"
                + "\"context_length\":40960,\"secret\":\"CANARY\"},\"capabilities\":[\"completion\",\"tools\"]}]");

        assertThat(models).hasSize(1);
        InstalledModel model = models.get(0);
        assertThat(model.spelling()).isEqualTo("qwen3:8b");
        assertThat(model.digest()).isEqualTo(DIGEST);
        assertThat(model.remote()).isFalse();
        assertThat(model.created()).isEqualTo(1785571200);
        assertThat(model.listing())
                .isEqualTo(
                        "{\"name\":\"qwen3:8b\",\"model\":\"qwen3:8b\",\"modified_at\":\"2026-08-01T10:00:00.123456789+02:00\","
                                + "\"size\":5225388164,\"digest\":\"" + DIGEST
                                + "\",\"details\":{\"format\":\"gguf\",\"families\":[\"qwen3\"],"
                                + "\"context_length\":40960},\"capabilities\":[\"completion\",\"tools\"]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":\"m:x\",\"remote_host\":\"https://ollama.com:443\"}",
                "{\"name\":\"m:x\",\"remote_model\":\"m\"}",
                "{\"name\":\"m:x\",\"remote_host\":{}}",
                "{\"name\":\"m:x-cloud\"}"
            })
    void a_model_elsewhere_is_marked_and_does_not_say_where(String entry) throws IOException {
        InstalledModel model = models("[" + entry + "]").get(0);

        assertThat(model.remote()).isTrue();
        assertThat(model.listing()).doesNotContain("remote").doesNotContain("ollama.com");
    }

    @Test
    void empty_remote_fields_mean_nothing() throws IOException {
        assertThat(models("[{\"name\":\"m\",\"remote_host\":\"\",\"remote_model\":null}]")
                        .get(0)
                        .remote())
                .isFalse();
    }

    @Test
    void entries_that_cannot_be_asked_for_are_left_out() throws IOException {
        assertThat(models(
                        "[{},{\"name\":\"a b\"},{\"name\":1e9,\"model\":{}},5,null,[],{\"name\":\"ok\",\"digest\":7,\"size\":\"x\","
                                + "\"details\":5,\"modified_at\":\"yesterday\"}]"))
                .extracting(InstalledModel::spelling)
                .contains("ok")
                .doesNotContain("a b", "");
    }

    @Test
    void a_digest_that_is_none_matches_no_pin() throws IOException {
        assertThat(models("[{\"name\":\"m\",\"digest\":\"abc\"}]").get(0).digest())
                .isEmpty();
        assertThat(models("[{\"name\":\"m\",\"digest\":\"sha256:" + DIGEST.toUpperCase(Locale.ROOT) + "\"}]")
                        .get(0)
                        .digest())
                .isEqualTo(DIGEST);
    }

    @Test
    void no_models_are_an_answer_too() throws IOException {
        assertThat(models("[]")).isEmpty();
        assertThat(models("null")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "[]", "{}", "{\"models\":{}}", "{\"models\":[]}x", "{\"models\":[", "<html>"})
    void anything_else_is_a_failed_poll(String json) {
        assertThatThrownBy(() -> DiscoveryAnswer.models(json.getBytes(UTF_8))).isInstanceOf(IOException.class);
    }

    @Test
    void a_version_is_short_and_printable() throws IOException {
        assertThat(DiscoveryAnswer.version("{\"version\":\"0.33.0-rc2\"}".getBytes(UTF_8)))
                .isEqualTo("0.33.0-rc2");
        for (String version : new String[] {"", "a b", "\\n", "x".repeat(65)}) {
            assertThatThrownBy(() -> DiscoveryAnswer.version(("{\"version\":\"" + version + "\"}").getBytes(UTF_8)))
                    .isInstanceOf(IOException.class);
        }
    }

    private static List<InstalledModel> models(String list) throws IOException {
        return DiscoveryAnswer.models(("{\"models\":" + list + "}").getBytes(UTF_8));
    }
}
