package ai.neuronetz.gateway.app;

import static ai.neuronetz.gateway.app.ClientStage.MODEL;
import static ai.neuronetz.gateway.app.ClientStage.OTHER_MODEL;
import static ai.neuronetz.gateway.app.ClientStage.PNG;
import static ai.neuronetz.gateway.app.ClientStage.TEXT;
import static ai.neuronetz.gateway.app.ClientStage.THOUGHT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.PaymentRequiredException;
import com.anthropic.errors.PermissionDeniedException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.errors.ServiceUnavailableException;
import com.anthropic.errors.SseException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Base64ImageSource;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageContentParam;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Anthropic's Java client. Without its retries, so that the first answer is the one that is checked. */
@ExtendWith(SharedClientStage.class)
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AnthropicJavaAcceptanceTest {

    private static final String QUESTION = "Why is the sky blue?";

    private final ClientStage stage;
    private final List<AnthropicClient> clients = new ArrayList<>();

    AnthropicJavaAcceptanceTest(ClientStage stage) {
        this.stage = stage;
    }

    @AfterEach
    void close() {
        clients.forEach(AnthropicClient::close);
    }

    @Test
    void sends_a_message_with_its_key_in_either_header() {
        ContentBlockParam image = ContentBlockParam.ofImage(Base64ImageSource.builder()
                .mediaType(Base64ImageSource.MediaType.IMAGE_PNG)
                .data(PNG)
                .build());
        MessageCreateParams request = request(MODEL)
                .system("Be brief.")
                .addUserMessage(MessageContentParam.ofContentBlockParams(List.of(image)))
                .build();
        AnthropicClient inBearer = kept(AnthropicOkHttpClient.builder()
                .baseUrl(stage.url())
                .authToken(stage.key())
                .maxRetries(0)
                .build());

        for (AnthropicClient client : List.of(inBearer, clientWith(stage.key()))) {
            Message message = client.messages().create(request);
            assertThat(block(message, ContentBlock::text).text()).isEqualTo(TEXT);
            assertThat(message.usage().outputTokens()).isPositive();
        }
    }

    @Test
    void streams_a_message() {
        assertThat(block(stream(), ContentBlock::text).text()).isEqualTo(TEXT);
    }

    @Test
    void thinks_and_calls_a_tool_there_and_back() {
        stage.callTools();
        AnthropicClient anthropic = clientWith(stage.key());
        MessageCreateParams.Builder request = request(MODEL)
                .maxTokens(2048)
                .addUserMessage(QUESTION)
                .enabledThinking(1024)
                .addTool(Tool.builder()
                        .name("weather")
                        .inputSchema(Tool.InputSchema.builder()
                                .properties(Tool.InputSchema.Properties.builder()
                                        .putAdditionalProperty("city", JsonValue.from(Map.of("type", "string")))
                                        .build())
                                .build())
                        .build());

        Message first = anthropic.messages().create(request.build());

        assertThat(block(first, ContentBlock::thinking).thinking()).isEqualTo(THOUGHT);
        ToolUseBlock call = block(first, ContentBlock::toolUse);
        assertThat(call._input()).isEqualTo(JsonValue.from(Map.of("city", "Paris")));
        request.addMessage(first)
                .addUserMessage(MessageContentParam.ofContentBlockParams(
                        List.of(ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                                .toolUseId(call.id())
                                .content("rain")
                                .build()))));
        assertThat(block(anthropic.messages().create(request.build()), ContentBlock::text)
                        .text())
                .isEqualTo(TEXT);
    }

    @Test
    void meets_each_refusal_as_an_exception_of_its_own() {
        assertFails(UnauthorizedException.class, 401, () -> create(stage.wrongKey(), MODEL));
        assertFails(PaymentRequiredException.class, 402, () -> create(stage.spentKey(), MODEL));
        assertFails(PermissionDeniedException.class, 403, () -> create(stage.key(), OTHER_MODEL));
        assertFails(RateLimitException.class, 429, () -> {
            create(stage.hastyKey(), MODEL);
            create(stage.hastyKey(), MODEL);
        });
    }

    @Test
    void meets_an_outage_as_an_exception_of_its_own() throws Exception {
        stage.withoutRedis(() -> assertFails(ServiceUnavailableException.class, 503, () -> create(stage.key(), MODEL)));
    }

    @Test
    void a_stream_that_breaks_off_is_an_exception_and_never_an_answer() {
        stage.ollama().cutAfter(4);
        assertThatExceptionOfType(SseException.class).isThrownBy(this::stream);
        stage.ollama().failAfter(4, "the engine died");
        assertThatExceptionOfType(SseException.class).isThrownBy(this::stream);
        stage.ollama().stallAfter(4);
        assertThatExceptionOfType(SseException.class)
                .isThrownBy(this::stream)
                .satisfies(failure -> assertThat(failure.body().toString()).contains("timeout_error"));
    }

    private static void assertFails(
            Class<? extends AnthropicServiceException> type, int status, ThrowingCallable call) {
        assertThatExceptionOfType(type).isThrownBy(call).satisfies(failure -> {
            assertThat(failure.statusCode()).isEqualTo(status);
            assertThat(failure.requestId()).isPresent();
            assertThat(failure.apiMessage()).isPresent();
        });
    }

    private void create(String key, String model) {
        clientWith(key)
                .messages()
                .create(request(model).addUserMessage(QUESTION).build());
    }

    private Message stream() {
        MessageAccumulator whole = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> events = clientWith(stage.key())
                .messages()
                .createStreaming(request(MODEL).addUserMessage(QUESTION).build())) {
            events.stream().forEach(whole::accumulate);
        }
        return whole.message();
    }

    private static <T> T block(Message message, Function<ContentBlock, Optional<T>> kind) {
        return message.content().stream()
                .flatMap(each -> kind.apply(each).stream())
                .findFirst()
                .orElseThrow();
    }

    private static MessageCreateParams.Builder request(String model) {
        return MessageCreateParams.builder().model(model).maxTokens(100);
    }

    private AnthropicClient clientWith(String key) {
        return kept(AnthropicOkHttpClient.builder()
                .baseUrl(stage.url())
                .apiKey(key)
                .maxRetries(0)
                .build());
    }

    private AnthropicClient kept(AnthropicClient client) {
        clients.add(client);
        return client;
    }
}
