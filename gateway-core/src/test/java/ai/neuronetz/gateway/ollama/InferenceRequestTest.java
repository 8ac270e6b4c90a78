package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.Endpoint.CHAT;
import static ai.neuronetz.gateway.ollama.Endpoint.CHAT_COMPLETIONS;
import static ai.neuronetz.gateway.ollama.Requests.CAP;
import static ai.neuronetz.gateway.ollama.Requests.body;
import static ai.neuronetz.gateway.ollama.Requests.json;
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

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class InferenceRequestTest {

    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    @Test
    void a_native_chat_is_written_with_stream_and_cap_made_explicit() {
        UpstreamRequest request = written(CHAT, "{\"model\":\"M\"," + MESSAGES + "}");

        assertThat(body(request))
                .isEqualTo(json(
                        "{\"model\":\"spelled\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
                                + "\"options\":{\"num_predict\":100}}"));
        assertThat(request.streamed()).isTrue();
        assertThat(request.outputCap()).isEqualTo(CAP);
        assertThat(request.adjusted()).isEmpty();
    }

    @Test
    void an_openai_chat_is_written_without_a_stream_unless_it_asks_for_one() {
        UpstreamRequest request = written(CHAT_COMPLETIONS, "{\"model\":\"M\"," + MESSAGES + "}");

        assertThat(body(request))
                .isEqualTo(json(
                        "{\"model\":\"spelled\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
                                + "\"max_tokens\":100}"));
        assertThat(request.streamed()).isFalse();
        assertThat(request.usageWanted()).isFalse();
    }

    @Test
    void every_known_native_field_is_passed() {
        String passed =
                "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"d\",\"parameters\":"
                        + "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"string\",\"null\"]},\"A\":{}}}}}],"
                        + "\"format\":{\"type\":\"object\"},\"think\":\"high\",\"truncate\":false,\"logprobs\":true,\"top_logprobs\":20,"
                        + "\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"u\",\"images\":[\"aGk=\"]},"
                        + "{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"t\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"index\":0,"
                        + "\"name\":\"f\",\"arguments\":{\"a\":1,\"A\":null}}}]},"
                        + "{\"role\":\"tool\",\"content\":\"r\",\"tool_name\":\"f\",\"tool_call_id\":\"c\"}],";
        String options = "\"seed\":1,\"top_k\":2,\"top_p\":0.5,\"min_p\":0.1,\"typical_p\":0.9,\"repeat_last_n\":-1,"
                + "\"temperature\":0,\"repeat_penalty\":1.1,\"presence_penalty\":-1,\"frequency_penalty\":1,\"stop\":[\"x\"],"
                + "\"num_predict\":7";

        UpstreamRequest request =
                written(CHAT, "{\"model\":\"M\",\"stream\":false," + passed + "\"options\":{" + options + "}}");

        assertThat(body(request))
                .isEqualTo(
                        json("{\"model\":\"spelled\",\"stream\":false," + passed + "\"options\":{" + options + "}}"));
        assertThat(request.adjusted()).isEmpty();
        assertThat(request.outputCap()).isEqualTo(7);
        assertThat(request.size().images()).isEqualTo(1);
    }

    @Test
    void every_known_openai_field_is_passed() {
        String passed = "\"temperature\":0.5,\"top_p\":1,\"seed\":5,\"stop\":[\"x\",\"y\"],\"frequency_penalty\":0,"
                + "\"presence_penalty\":0,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"strict\":true,"
                + "\"schema\":{\"type\":\"object\"}}},\"reasoning_effort\":\"xhigh\",\"reasoning\":{\"effort\":\"low\"},"
                + "\"logprobs\":true,\"top_logprobs\":0,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],"
                + "\"messages\":[{\"role\":\"user\",\"name\":\"n\",\"content\":[{\"type\":\"text\",\"text\":\"t\"},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,aGk=\"}},"
                + "{\"type\":\"image_url\",\"image_url\":\"data:image/jpeg;base64,aGk=\"}]},"
                + "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\","
                + "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"r\"}]";

        UpstreamRequest request =
                written(CHAT_COMPLETIONS, "{\"model\":\"M\",\"n\":1," + passed + ",\"max_completion_tokens\":9}");

        assertThat(body(request))
                .isEqualTo(json("{\"model\":\"spelled\",\"stream\":false," + passed + ",\"max_tokens\":9}"));
        assertThat(request.adjusted()).containsExactly();
        assertThat(request.size().images()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keep_alive",
                "template",
                "raw",
                "context",
                "shift",
                "system",
                "_debug_render_only",
                "num_ctx",
                "user",
                "stream_options",
                "max_tokens"
            })
    void a_native_field_that_is_stripped_or_unknown_is_named(String field) {
        UpstreamRequest request =
                written(CHAT, "{\"model\":\"M\",\"" + field + "\":{\"canary\":\"CANARY\"}," + MESSAGES + "}");

        assertThat(request.adjusted()).containsExactly(field);
        assertThat(text(request)).doesNotContain("CANARY").doesNotContain("\"" + field + "\":");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "num_ctx",
                "num_batch",
                "num_gpu",
                "main_gpu",
                "use_mmap",
                "num_thread",
                "draft_num_predict",
                "num_keep",
                "NUM_PREDICT",
                "Seed",
                "whatever"
            })
    void an_option_that_reloads_the_model_or_is_unknown_is_named(String option) {
        UpstreamRequest request =
                written(CHAT, "{\"model\":\"M\",\"options\":{\"" + option + "\":77}," + MESSAGES + "}");

        assertThat(request.adjusted()).containsExactly("options." + option);
        assertThat(body(request).path("options")).isEqualTo(json("{\"num_predict\":100}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user",
                "metadata",
                "tool_choice",
                "store",
                "logit_bias",
                "service_tier",
                "options",
                "keep_alive",
                "num_ctx"
            })
    void an_openai_field_that_is_unknown_is_named(String field) {
        UpstreamRequest request =
                written(CHAT_COMPLETIONS, "{\"model\":\"M\",\"" + field + "\":\"CANARY\"," + MESSAGES + "}");

        assertThat(request.adjusted()).containsExactly(field);
        assertThat(text(request)).doesNotContain("CANARY").doesNotContain("\"" + field + "\":");
    }

    @Test
    void unknown_fields_inside_messages_and_tools_are_dropped_and_named() {
        UpstreamRequest request = written(
                CHAT_COMPLETIONS,
                "{\"model\":\"M\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"t\","
                        + "\"cache_control\":{}}],\"x\":1}],\"tools\":[{\"function\":{\"name\":\"f\",\"strict\":true}}]}");

        assertThat(request.adjusted())
                .containsExactly("messages.content.cache_control", "messages.x", "tools.function.strict");
    }

    @Test
    void a_name_that_could_break_a_header_is_not_echoed() {
        UpstreamRequest request = written(
                CHAT,
                "{\"model\":\"M\",\"a\\r\\nSet-Cookie: x\":1,\"é\":2,\"" + "a".repeat(41) + "\":3," + MESSAGES + "}");

        assertThat(request.adjusted()).containsExactly("unknown");
    }

    @Test
    void the_list_of_adjusted_names_is_bounded() {
        StringBuilder many = new StringBuilder("{\"model\":\"M\",");
        for (int i = 0; i < 1000; i++) {
            many.append("\"x").append(i).append("\":1,");
        }

        assertThat(written(CHAT, many + MESSAGES + "}").adjusted()).hasSize(RequestDraft.MAX_ADJUSTED);
    }

    @Test
    void null_is_as_good_as_absent() {
        UpstreamRequest request = written(
                CHAT,
                "{\"model\":\"M\",\"stream\":null,\"format\":null,\"keep_alive\":null,\"nonsense\":null,\"options\":null,"
                        + MESSAGES + "}");

        assertThat(request.adjusted()).isEmpty();
        assertThat(body(request)).isEqualTo(body(written(CHAT, "{\"model\":\"M\"," + MESSAGES + "}")));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "99, 99",
        "100, 100",
        "101, 100",
        "0, 100",
        "-1, 100",
        "-2, 100",
        "1e2, 100",
        "1e30, 100",
        "0.9, 100",
        "50.5, 50",
        "99999999999999999999, 100",
        "-99999999999999999999, 100"
    })
    void the_native_output_cap_is_always_in_range(String given, int cap) {
        UpstreamRequest request =
                written(CHAT, "{\"model\":\"M\",\"options\":{\"num_predict\":" + given + "}," + MESSAGES + "}");

        assertThat(request.outputCap()).isEqualTo(cap);
        assertThat(body(request).path("options").path("num_predict")).isEqualTo(json("" + cap));
        assertThat(request.adjusted().contains("options.num_predict")).isEqualTo(Double.parseDouble(given) != cap);
    }

    @ParameterizedTest
    @CsvSource({
        "5, 10, 5",
        "10, 5, 5",
        "0, 10, 10",
        "10, -1, 10",
        "1000, 1000, 100",
        "-5, 0, 100",
        "7, null, 7",
        "null, 7, 7",
        "null, null, 100"
    })
    void the_smaller_of_the_openai_caps_holds(String tokens, String completionTokens, int cap) {
        UpstreamRequest request = written(
                CHAT_COMPLETIONS,
                "{\"model\":\"M\",\"max_tokens\":" + tokens + ",\"max_completion_tokens\":" + completionTokens + ","
                        + MESSAGES + "}");

        assertThat(request.outputCap()).isEqualTo(cap);
        assertThat(body(request).path("max_tokens")).isEqualTo(json("" + cap));
        assertThat(body(request).has("max_completion_tokens")).isFalse();
    }

    @Test
    void an_openai_stream_always_asks_for_usage() {
        for (String options :
                new String[] {"", "\"stream_options\":{\"include_usage\":false},", "\"stream_options\":{},"}) {
            UpstreamRequest request =
                    written(CHAT_COMPLETIONS, "{\"model\":\"M\",\"stream\":true," + options + MESSAGES + "}");

            assertThat(body(request).path("stream_options")).isEqualTo(json("{\"include_usage\":true}"));
            assertThat(request.usageWanted()).isFalse();
        }
        assertThat(written(
                                CHAT_COMPLETIONS,
                                "{\"model\":\"M\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                                        + MESSAGES + "}")
                        .usageWanted())
                .isTrue();
    }

    @Test
    void a_single_stop_sequence_is_written_as_a_list() {
        assertThat(body(written(CHAT_COMPLETIONS, "{\"model\":\"M\",\"stop\":\"x\"," + MESSAGES + "}"))
                        .path("stop"))
                .isEqualTo(json("[\"x\"]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stream | \"true\"",
                "stream | 1",
                "messages | \"x\"",
                "messages | {}",
                "messages | [1]",
                "messages | [null]",
                "tools | {}",
                "format | \"xml\"",
                "format | 1",
                "think | \"very\"",
                "think | 1",
                "truncate | 0",
                "logprobs | 1",
                "top_logprobs | 21",
                "top_logprobs | -1",
                "top_logprobs | 1.5",
                "options | []",
                "options | \"\"",
                "options.num_predict | {\"num_predict\":\"5\"}",
                "options.seed | {\"seed\":\"5\"}",
                "options.seed | {\"seed\":0.5}",
                "options.temperature | {\"temperature\":\"hot\"}",
                "options.temperature | {\"temperature\":1e300}",
                "options.stop | {\"stop\":[1]}",
                "options.stop | {\"stop\":1}",
                "messages.role | [{\"role\":\"root\",\"content\":\"\"}]",
                "messages.role | [{\"role\":1}]",
                "messages.content | [{\"role\":\"user\",\"content\":1}]",
                "messages.content | [{\"role\":\"user\",\"content\":[]}]",
                "messages.images | [{\"role\":\"user\",\"images\":[[1,2,3]]}]",
                "messages.images | [{\"role\":\"user\",\"images\":[\"http://h/x.png\"]}]",
                "messages.images | [{\"role\":\"user\",\"images\":[\"aGk\"]}]",
                "messages.images | [{\"role\":\"user\",\"images\":[\"\"]}]",
                "messages.tool_calls | [{\"role\":\"user\",\"tool_calls\":{}}]",
                "messages.tool_calls.function.arguments | [{\"role\":\"user\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}]"
            })
    void a_native_field_of_the_wrong_type_is_refused_by_name(String field, String value) {
        String name = field.contains(".") ? field.substring(0, field.indexOf('.')) : field;
        String messages = name.equals("messages") ? "" : "," + MESSAGES;

        Denial denial = refused(CHAT, "{\"model\":\"M\",\"" + name + "\":" + value + messages + "}");

        assertThat(denial).isEqualTo(Denial.ofField(Reason.INVALID_FIELD, field));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "n | 2",
                "n | 0",
                "n | \"1\"",
                "best_of | 3",
                "max_tokens | 1e2",
                "max_tokens | 100.0",
                "max_tokens | \"5\"",
                "max_completion_tokens | true",
                "temperature | \"0\"",
                "stop | [1]",
                "reasoning_effort | \"huge\"",
                "reasoning_effort | 1",
                "reasoning.effort | {\"effort\":\"huge\"}",
                "stream_options | true",
                "stream_options.include_usage | {\"include_usage\":1}",
                "response_format.type | {\"type\":\"xml\"}",
                "response_format | \"json\"",
                "messages.content.type | [{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]",
                "messages.content.type | [{\"role\":\"user\",\"content\":[\"x\"]}]",
                "messages.content.image_url.url | [{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://h/\"}}]}]",
                "messages.content.image_url | [{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":\"file:///etc\"}]}]",
                "messages.tool_calls.function.arguments | [{\"role\":\"user\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{}}}]}]"
            })
    void an_openai_field_of_the_wrong_type_is_refused_by_name(String field, String value) {
        String name = field.contains(".") ? field.substring(0, field.indexOf('.')) : field;
        String messages = name.equals("messages") ? "" : "," + MESSAGES;

        Denial denial = refused(CHAT_COMPLETIONS, "{\"model\":\"M\",\"" + name + "\":" + value + messages + "}");

        assertThat(denial).isEqualTo(Denial.ofField(Reason.INVALID_FIELD, field));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"messages\":null", ",\"messages\":[]", ",\"messages\":[],\"keep_alive\":0"})
    void a_request_that_only_loads_the_model_is_refused(String messages) {
        assertThat(refused(CHAT, "{\"model\":\"M\"" + messages + "}"))
                .isEqualTo(Denial.ofField(Reason.LOAD_REFUSED, "messages"));
        assertThat(refused(CHAT_COMPLETIONS, "{\"model\":\"M\"" + messages + "}"))
                .isEqualTo(Denial.ofField(Reason.MISSING_FIELD, "messages"));
    }

    @Test
    void a_required_field_inside_is_named_when_missing() {
        assertThat(refused(CHAT, "{\"model\":\"M\",\"messages\":[{\"content\":\"x\"}]}"))
                .isEqualTo(Denial.ofField(Reason.MISSING_FIELD, "messages.role"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"model\":null}", "{\"model\":\"\"}", "{\"name\":\"M\"}"})
    void a_request_without_a_model_is_refused(String body) {
        assertThat(InferenceRequest.read(CHAT, body.getBytes(UTF_8)))
                .isEqualTo(new InferenceRequest.Refused(Denial.ofField(Reason.MISSING_FIELD, "model")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":1}", "{\"model\":[\"M\"]}", "{\"model\":{}}", "{\"model\":true}"})
    void a_model_that_is_no_string_is_refused(String body) {
        assertThat(InferenceRequest.read(CHAT, body.getBytes(UTF_8)))
                .isEqualTo(new InferenceRequest.Refused(Denial.ofField(Reason.INVALID_FIELD, "model")));
    }

    @Test
    void sizes_are_measured() {
        UpstreamRequest.Size size = written(
                        CHAT,
                        "{\"model\":\"M\",\"messages\":[{\"role\":\"user\",\"content\":\"aé😀\\u20ac\"},{\"role\":\"user\",\"content\":\"b\"}],"
                                + "\"format\":{\"a\": \"é\"}}")
                .size();

        assertThat(size)
                .isEqualTo(new UpstreamRequest.Size(1 + 2 + 4 + 3 + 1, ":{'a':'é'}".getBytes(UTF_8).length, 2, 0));
    }

    private static String text(UpstreamRequest request) {
        return new String(request.body(), UTF_8);
    }
}
