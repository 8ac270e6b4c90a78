package ai.neuronetz.gateway.app;

import static ai.neuronetz.gateway.app.ClientStage.CITY;
import static ai.neuronetz.gateway.app.ClientStage.MODEL;
import static ai.neuronetz.gateway.app.ClientStage.OTHER_MODEL;
import static ai.neuronetz.gateway.app.ClientStage.PNG;
import static ai.neuronetz.gateway.app.ClientStage.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.InternalServerException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.errors.UnexpectedStatusCodeException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** OpenAI's Java client. Without its retries, so that the first answer is the one that is checked. */
@ExtendWith(SharedClientStage.class)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OpenAiJavaAcceptanceTest {

    private static final String QUESTION = "Why is the sky blue?";

    private final ClientStage stage;
    private final List<OpenAIClient> clients = new ArrayList<>();

    OpenAiJavaAcceptanceTest(ClientStage stage) {
        this.stage = stage;
    }

    @AfterEach
    void close() {
        clients.forEach(OpenAIClient::close);
    }

    @Test
    void lists_and_retrieves_the_allowed_model_only() {
        OpenAIClient openai = clientWith(stage.key());

        assertThat(openai.models().list().data()).extracting(Model::id).containsExactly(MODEL);
        assertThat(openai.models().retrieve(MODEL).id()).isEqualTo(MODEL);
        assertFails(
                PermissionDeniedException.class,
                403,
                "model_not_permitted",
                () -> openai.models().retrieve(OTHER_MODEL));
    }

    @Test
    void chats_about_an_image_and_completes() {
        OpenAIClient openai = clientWith(stage.key());
        ChatCompletionContentPart image = ChatCompletionContentPart.ofImageUrl(ChatCompletionContentPartImage.builder()
                .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder()
                        .url("data:image/png;base64," + PNG)
                        .build())
                .build());

        assertThat(openai.chat()
                        .completions()
                        .create(ChatCompletionCreateParams.builder()
                                .model(MODEL)
                                .addUserMessageOfArrayOfContentParts(List.of(image))
                                .build())
                        .choices()
                        .get(0)
                        .message()
                        .content())
                .contains(TEXT);
        assertThat(openai.completions()
                        .create(CompletionCreateParams.builder()
                                .model(MODEL)
                                .prompt(QUESTION)
                                .build())
                        .choices()
                        .get(0)
                        .text())
                .isEqualTo(TEXT);
    }

    @Test
    void streams_a_chat() {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        List<ChatCompletionChunk> chunks = new ArrayList<>();

        streamChat(stage.key(), MODEL, chunks, whole);

        assertThat(chunks).hasSizeGreaterThan(5);
        assertThat(whole.chatCompletion().choices().get(0).message().content()).contains(TEXT);
    }

    @Test
    void calls_a_tool_there_and_back() {
        stage.callTools();
        OpenAIClient openai = clientWith(stage.key());
        ChatCompletionCreateParams.Builder request = ChatCompletionCreateParams.builder()
                .model(MODEL)
                .addUserMessage(QUESTION)
                .addFunctionTool(FunctionDefinition.builder()
                        .name("weather")
                        .parameters(FunctionParameters.builder()
                                .putAdditionalProperty("type", JsonValue.from("object"))
                                .putAdditionalProperty(
                                        "properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                                .build())
                        .build());

        ChatCompletionMessage first = openai.chat()
                .completions()
                .create(request.build())
                .choices()
                .get(0)
                .message();

        ChatCompletionMessageFunctionToolCall call =
                first.toolCalls().orElseThrow().get(0).asFunction();
        assertThat(call.function().name()).isEqualTo("weather");
        assertThat(call.function().arguments()).isEqualTo(CITY);
        request.addMessage(first)
                .addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(call.id())
                        .content("rain")
                        .build());
        assertThat(openai.chat()
                        .completions()
                        .create(request.build())
                        .choices()
                        .get(0)
                        .message()
                        .content())
                .contains(TEXT);
    }

    @Test
    void embeds_in_its_own_encoding() {
        assertThat(clientWith(stage.key())
                        .embeddings()
                        .create(EmbeddingCreateParams.builder()
                                .model(MODEL)
                                .inputOfArrayOfStrings(List.of("sky", "sea"))
                                .build())
                        .data())
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.embedding()).hasSizeGreaterThan(1));
    }

    @Test
    void responds_whole_and_streamed() {
        OpenAIClient openai = clientWith(stage.key());
        ResponseAccumulator whole = ResponseAccumulator.create();

        assertThat(text(openai.responses().create(response(MODEL)))).isEqualTo(TEXT);
        streamResponse(stage.key(), whole);
        assertThat(text(whole.response())).isEqualTo(TEXT);
    }

    @Test
    void meets_each_refusal_as_an_exception_of_its_own() {
        assertFails(UnauthorizedException.class, 401, "invalid_api_key", () -> chat(stage.wrongKey(), MODEL));
        assertFails(UnexpectedStatusCodeException.class, 402, "budget_exhausted", () -> chat(stage.spentKey(), MODEL));
        assertFails(PermissionDeniedException.class, 403, "model_not_permitted", () -> chat(stage.key(), OTHER_MODEL));
        assertFails(
                PermissionDeniedException.class,
                403,
                "model_not_permitted",
                () -> clientWith(stage.key()).responses().createStreaming(response(OTHER_MODEL)));
        assertFails(RateLimitException.class, 429, "rate_limit_requests", () -> {
            chat(stage.hastyKey(), MODEL);
            chat(stage.hastyKey(), MODEL);
        });
    }

    @Test
    void meets_an_outage_as_an_exception_of_its_own() throws Exception {
        stage.withoutRedis(() -> assertThatExceptionOfType(InternalServerException.class)
                .isThrownBy(() -> chat(stage.key(), MODEL))
                .satisfies(failure -> {
                    assertThat(failure.statusCode()).isEqualTo(503);
                    assertThat(failure.code().orElseThrow()).endsWith("_unverifiable");
                    assertThat(failure.headers().values("Retry-After")).containsExactly("1");
                }));
    }

    @Test
    void a_stream_that_breaks_off_is_an_exception_and_never_an_answer() {
        stage.ollama().cutAfter(6);
        assertBroken("upstream_incomplete");
        stage.ollama().failAfter(6, "the engine died");
        assertBroken("upstream_incomplete");
        stage.ollama().stallAfter(6);
        assertBroken("upstream_timeout");
    }

    private void assertBroken(String code) {
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        assertThatExceptionOfType(SseException.class)
                .isThrownBy(() -> streamChat(stage.key(), MODEL, chunks, ChatCompletionAccumulator.create()))
                .satisfies(failure -> assertThat(failure.code()).contains(code));
        assertThat(chunks).isNotEmpty();
        assertThatExceptionOfType(SseException.class)
                .isThrownBy(() -> streamResponse(stage.key(), ResponseAccumulator.create()))
                .satisfies(failure -> assertThat(failure.code()).contains(code));
    }

    private static void assertFails(
            Class<? extends OpenAIServiceException> type, int status, String code, ThrowingCallable call) {
        assertThatExceptionOfType(type).isThrownBy(call).satisfies(failure -> {
            assertThat(failure.statusCode()).isEqualTo(status);
            assertThat(failure.code()).contains(code);
            assertThat(failure.headers().values("X-Request-ID")).hasSize(1);
        });
    }

    private void chat(String key, String model) {
        clientWith(key).chat().completions().create(chat(model));
    }

    private void streamChat(
            String key, String model, List<ChatCompletionChunk> chunks, ChatCompletionAccumulator whole) {
        try (StreamResponse<ChatCompletionChunk> stream =
                clientWith(key).chat().completions().createStreaming(chat(model))) {
            stream.stream().peek(whole::accumulate).forEach(chunks::add);
        }
    }

    private void streamResponse(String key, ResponseAccumulator whole) {
        try (StreamResponse<ResponseStreamEvent> stream =
                clientWith(key).responses().createStreaming(response(MODEL))) {
            stream.stream().forEach(whole::accumulate);
        }
    }

    private static String text(Response response) {
        return response.output()
                .get(0)
                .message()
                .orElseThrow()
                .content()
                .get(0)
                .asOutputText()
                .text();
    }

    private static ChatCompletionCreateParams chat(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage(QUESTION)
                .build();
    }

    private static ResponseCreateParams response(String model) {
        return ResponseCreateParams.builder()
                .model(model)
                .instructions("Be brief.")
                .input(QUESTION)
                .build();
    }

    private OpenAIClient clientWith(String key) {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(stage.url() + "/v1")
                .apiKey(key)
                .maxRetries(0)
                .build();
        clients.add(client);
        return client;
    }
}
