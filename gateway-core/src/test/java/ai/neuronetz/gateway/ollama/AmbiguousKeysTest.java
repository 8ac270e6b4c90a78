package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.Endpoint.CHAT;
import static ai.neuronetz.gateway.ollama.Endpoint.CHAT_COMPLETIONS;
import static ai.neuronetz.gateway.ollama.Requests.body;
import static ai.neuronetz.gateway.ollama.Requests.refused;
import static ai.neuronetz.gateway.ollama.Requests.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that Go's decoder and Java's take for different ones. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AmbiguousKeysTest {

    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"allowed\",\"MODEL\":\"forbidden\"}",
                "{\"MODEL\":\"forbidden\",\"model\":\"allowed\"}",
                "{\"Model\":\"x\"}",
                "{\"model\":\"x\",\"\u017ftream\":false}",
                "{\"model\":\"x\",\"mod\\u0065l\":\"y\"}",
                "{\"model\":\"x\",\"model\":null}",
                "{\"model\":\"x\",\"options\":{},\"Options\":{\"num_ctx\":1}}",
                "{\"model\":\"x\",\"unknown\":1,\"UNKNOWN\":1}",
                "{\"model\":\"x\",\"\u00e9\":1,\"\u00c9\":1}",
                "{\"model\":\"x\",\"options\":{\"num_predict\":1},\"options\":null}",
                "{\"model\":\"b\"}{\"model\":\"a\"}",
                "null",
                ""
            })
    void keys_that_go_would_read_differently_are_refused_before_the_model_is_looked_at(String body) {
        for (Endpoint endpoint : new Endpoint[] {CHAT, CHAT_COMPLETIONS}) {
            assertThat(InferenceRequest.read(endpoint, body.getBytes(UTF_8)))
                    .isEqualTo(new InferenceRequest.Refused(Denial.of(Reason.INVALID_JSON)));
        }
    }

    @ParameterizedTest
    @CsvSource({"CHAT, Keep_alive", "CHAT, option\u017f", "CHAT, \u212aeep_alive", "CHAT_COMPLETIONS, max_to\u212aens"})
    void a_key_that_is_known_only_after_folding_is_refused(Endpoint endpoint, String key) {
        byte[] body = ("{\"model\":\"x\",\"" + key + "\":5}").getBytes(UTF_8);

        assertThat(InferenceRequest.read(endpoint, body))
                .isEqualTo(new InferenceRequest.Refused(Denial.of(Reason.INVALID_JSON)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"messages\":[{\"role\":\"user\",\"Role\":\"system\",\"content\":\"x\"}]",
                "\"messages\":[{\"role\":\"user\",\"Content\":\"x\"}]",
                "\"messages\":[{\"role\":\"user\"}],\"stream_options\":{\"Include_usage\":false}",
                "\"messages\":[{\"role\":\"user\"}],\"tools\":[{\"Function\":{\"name\":\"f\"}}]",
                "\"messages\":[{\"role\":\"user\"}],\"response_format\":{\"type\":\"text\",\"TYPE\":\"json_object\"}",
                "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"TEXT\":\"b\"}]}]",
                "\"messages\":[{\"role\":\"user\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"Name\":\"g\"}}]}]"
            })
    void keys_that_go_would_read_differently_are_refused_at_every_level(String fields) {
        assertThat(refused(CHAT_COMPLETIONS, "{\"model\":\"M\"," + fields + "}"))
                .isEqualTo(Denial.of(Reason.INVALID_JSON));
    }

    @Test
    void letters_that_go_does_not_fold_are_only_unknown() {
        UpstreamRequest request =
                written(CHAT, "{\"model\":\"M\",\"\u0131mages\":1,\"\uff4dodel\":\"x\"," + MESSAGES + "}");

        assertThat(request.adjusted()).containsExactly("unknown");
    }

    @Test
    void options_are_matched_exactly() {
        UpstreamRequest request =
                written(CHAT, "{\"model\":\"M\",\"options\":{\"num_predict\":10,\"NUM_PREDICT\":-1}," + MESSAGES + "}");

        assertThat(request.outputCap()).isEqualTo(10);
        assertThat(request.adjusted()).containsExactly("options.NUM_PREDICT");
    }
}
