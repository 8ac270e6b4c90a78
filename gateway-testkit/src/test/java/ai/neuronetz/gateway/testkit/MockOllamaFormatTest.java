package ai.neuronetz.gateway.testkit;

import static ai.neuronetz.gateway.testkit.MockClient.CHAT;
import static ai.neuronetz.gateway.testkit.MockClient.data;
import static ai.neuronetz.gateway.testkit.MockClient.events;
import static ai.neuronetz.gateway.testkit.MockClient.get;
import static ai.neuronetz.gateway.testkit.MockClient.json;
import static ai.neuronetz.gateway.testkit.MockClient.lines;
import static ai.neuronetz.gateway.testkit.MockClient.post;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MockOllamaFormatTest {
    private static final String PROMPT = "{\"model\":\"llama3.2:3b\",\"prompt\":\"Hello\"%s}";
    private static final MockOllama MOCK = MockOllama.start();

    @BeforeEach
    void reset() {
        MOCK.reset().clearRecord();
    }

    @AfterAll
    static void stop() {
        MOCK.close();
    }

    @Test
    void chat_streams_ndjson_by_default_and_ends_with_counts() throws Exception {
        MOCK.reply("Pa", "ris <&>").thinking("hm").toolCall("get_weather", "{\"city\":\"Oslo\"}");

        HttpResponse<String> response = post(MOCK, "/api/chat", CHAT);

        assertThat(response.headers().firstValue("content-type")).hasValue("application/x-ndjson");
        assertThat(response.body()).contains("ris \\u003C\\u0026\\u003E");
        List<JsonNode> lines = lines(response.body());
        assertThat(lines).hasSize(5);
        assertThat(lines.get(0).at("/message/thinking").asText()).isEqualTo("hm");
        assertThat(lines.get(1).at("/message/content").asText()).isEqualTo("Pa");
        assertThat(lines.get(3)
                        .at("/message/tool_calls/0/function/arguments/city")
                        .asText())
                .isEqualTo("Oslo");
        JsonNode last = lines.get(4);
        assertThat(last.get("done").asBoolean()).isTrue();
        assertThat(last.get("done_reason").asText()).isEqualTo("stop");
        // "Hello" has five bytes: two tokens, and eight for the message.
        assertThat(last.get("prompt_eval_count").asInt()).isEqualTo(10);
        assertThat(last.get("eval_count").asLong())
                .isEqualTo(MOCK.generations().get(0).generatedTokens());
        assertThat(last.get("total_duration").isIntegralNumber()).isTrue();
    }

    @Test
    void generate_without_streaming_answers_one_object() throws Exception {
        HttpResponse<String> response = post(MOCK, "/api/generate", PROMPT.formatted(",\"stream\":false"));

        assertThat(response.headers().firstValue("content-type")).hasValue("application/json; charset=utf-8");
        JsonNode answer = json(response.body());
        assertThat(answer.get("response").asText()).isEqualTo("The quick brown fox jumps over the lazy dog at noon.");
        assertThat(answer.get("model").asText()).isEqualTo("llama3.2:3b");
        assertThat(answer.get("eval_count").asInt()).isEqualTo(12);
    }

    @Test
    void an_empty_prompt_only_loads_even_when_streaming() throws Exception {
        JsonNode answer =
                json(post(MOCK, "/api/generate", "{\"model\":\"llama3.2:3b\"}").body());

        assertThat(answer.get("done_reason").asText()).isEqualTo("load");
        assertThat(answer.has("eval_count")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"5, 5, length", "11, 11, length", "12, 12, stop", "0, 12, stop", "-1, 12, stop"})
    void num_predict_caps_the_generated_tokens(int cap, int generated, String reason) throws Exception {
        String body = PROMPT.formatted(",\"options\":{\"num_predict\":" + cap + "}");

        List<JsonNode> lines = lines(post(MOCK, "/api/generate", body).body());

        JsonNode last = lines.get(lines.size() - 1);
        assertThat(lines).hasSize(generated + 1);
        assertThat(last.get("eval_count").asInt()).isEqualTo(generated);
        assertThat(last.get("done_reason").asText()).isEqualTo(reason);
    }

    @Test
    void chat_completions_stream_has_a_usage_chunk_only_when_asked_for() throws Exception {
        String body = CHAT.replace("{\"model\"", "{\"stream\":true,%s\"max_tokens\":2,\"model\"");

        String without = post(MOCK, "/v1/chat/completions", body.formatted("")).body();
        String with = post(MOCK, "/v1/chat/completions", body.formatted("\"stream_options\":{\"include_usage\":true},"))
                .body();

        assertThat(without).endsWith("data: [DONE]\n\n").doesNotContain("usage");
        List<JsonNode> chunks = data(with);
        assertThat(chunks).hasSize(4);
        assertThat(chunks.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
        assertThat(chunks.get(0).at("/choices/0/finish_reason").isNull()).isTrue();
        assertThat(chunks.get(2).at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(chunks.get(3).at("/usage/completion_tokens").asInt()).isEqualTo(2);
        assertThat(chunks.get(3).at("/usage/total_tokens").asInt()).isEqualTo(12);
    }

    @Test
    void chat_completions_do_not_stream_by_default() throws Exception {
        MOCK.toolCall("f", "{}");

        JsonNode answer = json(post(MOCK, "/v1/chat/completions", CHAT).body());

        assertThat(answer.get("object").asText()).isEqualTo("chat.completion");
        assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(answer.at("/choices/0/message/tool_calls/0/function/arguments")
                        .asText())
                .isEqualTo("{}");
        assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(10);
    }

    @Test
    void completions_carry_zero_usage_in_every_chunk_before_the_last() throws Exception {
        String body = PROMPT.formatted(",\"stream\":true,\"stream_options\":{\"include_usage\":true}");

        List<JsonNode> chunks = data(post(MOCK, "/v1/completions", body).body());

        assertThat(chunks).hasSize(14);
        assertThat(chunks.get(0).at("/usage/total_tokens").asInt(-1)).isZero();
        assertThat(chunks.get(13).at("/usage/completion_tokens").asInt()).isEqualTo(12);
    }

    @Test
    void messages_stream_named_events_in_order() throws Exception {
        MOCK.reply("Paris").thinking("hm");
        String body = CHAT.replace("{\"model\"", "{\"stream\":true,\"max_tokens\":100,\"model\"");

        String sse = post(MOCK, "/v1/messages", body).body();

        assertThat(events(sse))
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_stop",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        JsonNode delta = data(sse).get(7);
        assertThat(delta.at("/delta/stop_reason").asText()).isEqualTo("end_turn");
        assertThat(delta.at("/usage/output_tokens").asInt()).isEqualTo(2);
    }

    @Test
    void responses_stream_numbered_events_and_complete_with_usage() throws Exception {
        MOCK.reply("Pa", "ris");

        String sse = post(MOCK, "/v1/responses", "{\"model\":\"llama3.2:3b\",\"input\":\"Hello\",\"stream\":true}")
                .body();

        assertThat(events(sse))
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.completed");
        JsonNode last = data(sse).get(9);
        assertThat(last.get("sequence_number").asInt()).isEqualTo(9);
        assertThat(last.at("/response/usage/output_tokens").asInt()).isEqualTo(2);
        assertThat(last.at("/response/output/0/content/0/text").asText()).isEqualTo("Paris");
    }

    @Test
    void embeddings_have_the_form_of_their_route() throws Exception {
        String two = "{\"model\":\"llama3.2:3b\",\"input\":[\"a\",\"b\"]}";

        JsonNode embed = json(post(MOCK, "/api/embed", two).body());
        JsonNode legacy =
                json(post(MOCK, "/api/embeddings", PROMPT.formatted("")).body());
        JsonNode openAi = json(post(MOCK, "/v1/embeddings", two).body());

        assertThat(embed.get("embeddings")).hasSize(2);
        assertThat(embed.get("prompt_eval_count").asInt()).isEqualTo(1);
        assertThat(legacy.get("embedding")).hasSize(8);
        assertThat(legacy.size()).isEqualTo(1);
        assertThat(openAi.at("/data/1/embedding/0").asDouble())
                .isEqualTo(embed.at("/embeddings/1/0").asDouble());
        assertThat(openAi.at("/usage/total_tokens").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/chat, /error",
        "/api/embed, /error",
        "/v1/chat/completions, /error/message",
        "/v1/responses, /error/message",
        "/v1/messages, /error/message"
    })
    void unknown_model_is_404_and_malformed_json_400_in_the_dialect_of_the_route(String path, String pointer)
            throws Exception {
        HttpResponse<String> missing = post(MOCK, path, CHAT.replace("llama3.2:3b", "nope"));
        HttpResponse<String> malformed = post(MOCK, path, "{\"model\":");

        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(json(missing.body()).at(pointer).asText()).contains("nope").contains("not found");
        assertThat(malformed.statusCode()).isEqualTo(400);
        assertThat(json(malformed.body()).at(pointer).asText()).isNotEmpty();
        assertThat(MOCK.generations()).isEmpty();
    }

    @Test
    void discovery_lists_the_models_of_the_moment() throws Exception {
        MOCK.models("qwen3:8b", "Other").digest("other", "ab".repeat(32));

        JsonNode tags = json(get(MOCK, "/api/tags").body());

        assertThat(tags.at("/models/0/name").asText()).isEqualTo("qwen3:8b");
        assertThat(tags.at("/models/0/digest").asText()).isEqualTo(MOCK.digest("qwen3:8b"));
        assertThat(tags.at("/models/1/name").asText()).isEqualTo("other:latest");
        assertThat(tags.at("/models/1/digest").asText()).isEqualTo("ab".repeat(32));
        assertThat(json(get(MOCK, "/v1/models").body()).at("/data/0/id").asText())
                .isEqualTo("qwen3:8b");
        assertThat(get(MOCK, "/v1/models/qwen3:8b").statusCode()).isEqualTo(200);
        assertThat(get(MOCK, "/v1/models/llama3.2:3b").statusCode()).isEqualTo(404);
        assertThat(json(post(MOCK, "/api/show", "{\"model\":\"qwen3:8b\"}").body())
                        .has("model_info"))
                .isTrue();
        assertThat(get(MOCK, "/").body()).isEqualTo("Ollama is running");
        assertThat(json(get(MOCK, "/api/version").body()).has("version")).isTrue();
    }

    @Test
    void discovery_is_503_while_unavailable() throws Exception {
        MOCK.unavailable(true);
        assertThat(get(MOCK, "/api/tags").statusCode()).isEqualTo(503);

        MOCK.unavailable(false);
        assertThat(get(MOCK, "/api/tags").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/pull", "/api/create", "/api/push"})
    void mutating_routes_succeed_and_are_recorded(String path) throws Exception {
        HttpResponse<String> response = post(MOCK, path + "?x=1", "{\"model\":\"evil\"}");

        assertThat(response.body()).isEqualTo("{\"status\":\"success\"}");
        assertThat(MOCK.inferenceRequests()).hasSize(1);
        ReceivedRequest received = MOCK.requests().get(0);
        assertThat(received.target()).isEqualTo(path + "?x=1");
        assertThat(received.path()).isEqualTo(path);
        assertThat(received.body()).isEqualTo("{\"model\":\"evil\"}");
        assertThat(received.header("host")).hasValue("127.0.0.1:" + MOCK.port());
    }
}
