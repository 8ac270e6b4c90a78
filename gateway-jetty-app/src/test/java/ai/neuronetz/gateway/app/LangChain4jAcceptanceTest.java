package ai.neuronetz.gateway.app;

import static ai.neuronetz.gateway.app.ClientStage.CITY;
import static ai.neuronetz.gateway.app.ClientStage.MODEL;
import static ai.neuronetz.gateway.app.ClientStage.OTHER_MODEL;
import static ai.neuronetz.gateway.app.ClientStage.TEXT;
import static ai.neuronetz.gateway.app.ClientStage.THOUGHT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaEmbeddingModel;
import dev.langchain4j.model.ollama.OllamaLanguageModel;
import dev.langchain4j.model.ollama.OllamaModel;
import dev.langchain4j.model.ollama.OllamaModels;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * LangChain4j's Ollama client over its JDK HTTP client, which offers {@code Upgrade: h2c} with each request. Without its
 * retries, so that the first answer is the one that is checked.
 */
@ExtendWith(SharedClientStage.class)
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LangChain4jAcceptanceTest {

    private static final String QUESTION = "Why is the sky blue?";
    private static final ToolSpecification WEATHER = ToolSpecification.builder()
            .name("weather")
            .description("Tells it.")
            .parameters(JsonObjectSchema.builder()
                    .addStringProperty("city")
                    .required("city")
                    .build())
            .build();

    private final ClientStage stage;

    LangChain4jAcceptanceTest(ClientStage stage) {
        this.stage = stage;
    }

    @Test
    void lists_and_describes_the_allowed_model_only() {
        OllamaModels models = OllamaModels.builder()
                .baseUrl(stage.url())
                .httpClientBuilder(new BearerHttpClient(stage.key()))
                .maxRetries(0)
                .build();

        assertThat(models.availableModels().content())
                .extracting(OllamaModel::getName)
                .containsExactly(MODEL);
        assertThat(models.modelCard(MODEL).content().getCapabilities()).contains("completion");
        assertFails(AuthenticationException.class, 403, () -> models.modelCard(OTHER_MODEL));
    }

    @Test
    void chats_and_generates() {
        ChatResponse answer = chatModel(stage.key(), MODEL)
                .chat(UserMessage.from(
                        TextContent.from("What is it?"), ImageContent.from(ClientStage.PNG, "image/png")));

        assertThat(answer.aiMessage().text()).isEqualTo(TEXT);
        assertThat(answer.tokenUsage().outputTokenCount()).isPositive();
        OllamaLanguageModel language = OllamaLanguageModel.builder()
                .baseUrl(stage.url())
                .customHeaders(bearer(stage.key()))
                .modelName(MODEL)
                .maxRetries(0)
                .build();
        assertThat(language.generate(QUESTION).content()).isEqualTo(TEXT);
    }

    @Test
    void streams_a_chat() {
        Streamed streamed = stream(stage.key(), MODEL);

        assertThat(streamed.whole.join().aiMessage().text()).isEqualTo(TEXT);
        assertThat(streamed.parts).hasSizeGreaterThan(5);
        assertThat(String.join("", streamed.parts)).isEqualTo(TEXT);
    }

    @Test
    void thinks_and_calls_a_tool_there_and_back() {
        stage.callTools();
        OllamaChatModel model = chatModel(stage.key(), MODEL);
        List<ChatMessage> messages = new ArrayList<>(List.of(UserMessage.from(QUESTION)));

        AiMessage first = model.chat(request(messages)).aiMessage();

        assertThat(first.thinking()).isEqualTo(THOUGHT);
        assertThat(first.toolExecutionRequests()).singleElement().satisfies(call -> {
            assertThat(call.name()).isEqualTo("weather");
            assertThat(call.arguments()).isEqualToIgnoringWhitespace(CITY);
        });
        messages.add(first);
        messages.add(
                ToolExecutionResultMessage.from(first.toolExecutionRequests().get(0), "rain"));
        assertThat(model.chat(request(messages)).aiMessage().text()).isEqualTo(TEXT);
    }

    @Test
    void embeds() {
        OllamaEmbeddingModel model = OllamaEmbeddingModel.builder()
                .baseUrl(stage.url())
                .customHeaders(bearer(stage.key()))
                .modelName(MODEL)
                .maxRetries(0)
                .build();

        assertThat(model.embedAll(List.of(TextSegment.from("sky"), TextSegment.from("sea")))
                        .content())
                .hasSize(2)
                .allSatisfy(embedding -> assertThat(embedding.vector().length).isGreaterThan(1));
    }

    @Test
    void meets_each_refusal_as_an_exception_of_its_own() {
        assertFails(AuthenticationException.class, 401, () -> chat(stage.wrongKey(), MODEL));
        assertFails(InvalidRequestException.class, 402, () -> chat(stage.spentKey(), MODEL));
        assertFails(AuthenticationException.class, 403, () -> chat(stage.key(), OTHER_MODEL));
        assertFails(RateLimitException.class, 429, () -> {
            chat(stage.hastyKey(), MODEL);
            chat(stage.hastyKey(), MODEL);
        });
    }

    @Test
    void a_refused_stream_is_an_exception_too() {
        assertFails(AuthenticationException.class, 403, () -> join(stream(stage.key(), OTHER_MODEL)));
        assertFails(InvalidRequestException.class, 402, () -> join(stream(stage.spentKey(), MODEL)));
    }

    @Test
    void meets_an_outage_as_an_exception_of_its_own() throws Exception {
        stage.withoutRedis(() -> assertFails(InternalServerException.class, 503, () -> chat(stage.key(), MODEL)));
    }

    @Test
    void a_stream_that_breaks_off_is_an_error_and_never_an_answer() {
        stage.ollama().cutAfter(4);
        assertBroken();
        stage.ollama().failAfter(4, "the engine died");
        assertBroken();
        stage.ollama().stallAfter(4);
        assertBroken();
    }

    private void assertBroken() {
        Streamed streamed = stream(stage.key(), MODEL);
        assertThatExceptionOfType(LangChain4jException.class).isThrownBy(() -> join(streamed));
        assertThat(streamed.parts).isNotEmpty();
    }

    private static void assertFails(Class<? extends LangChain4jException> type, int status, ThrowingCallable call) {
        assertThatExceptionOfType(type)
                .isThrownBy(call)
                .satisfies(failure -> assertThat(failure.getCause())
                        .isInstanceOfSatisfying(HttpException.class, http -> {
                            assertThat(http.statusCode()).isEqualTo(status);
                            assertThat(http.getMessage()).contains("\"request_id\":");
                        }));
    }

    private void chat(String key, String model) {
        chatModel(key, model).chat(QUESTION);
    }

    private static ChatRequest request(List<ChatMessage> messages) {
        return ChatRequest.builder()
                .messages(messages)
                .toolSpecifications(WEATHER)
                .build();
    }

    private OllamaChatModel chatModel(String key, String model) {
        return OllamaChatModel.builder()
                .baseUrl(stage.url())
                .customHeaders(bearer(key))
                .modelName(model)
                .think(true)
                .returnThinking(true)
                .maxRetries(0)
                .build();
    }

    private Streamed stream(String key, String model) {
        Streamed streamed = new Streamed();
        OllamaStreamingChatModel.builder()
                .baseUrl(stage.url())
                .customHeaders(bearer(key))
                .modelName(model)
                .build()
                .chat(QUESTION, streamed);
        return streamed;
    }

    private static Map<String, String> bearer(String key) {
        return Map.of("Authorization", "Bearer " + key);
    }

    /** Throws what the stream ended with. */
    private static void join(Streamed streamed) throws Throwable {
        try {
            streamed.whole.orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw e.getCause();
        }
    }

    private static final class Streamed implements StreamingChatResponseHandler {

        final List<String> parts = new ArrayList<>();
        final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();

        @Override
        public void onPartialResponse(String part) {
            parts.add(part);
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            whole.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            whole.completeExceptionally(error);
        }
    }
}
