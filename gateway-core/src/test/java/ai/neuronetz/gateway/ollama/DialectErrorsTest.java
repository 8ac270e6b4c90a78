package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Reason;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DialectErrorsTest {

    @Test
    void each_dialect_gets_its_own_shape() {
        assertThat(body(Dialect.OLLAMA, Reason.NOT_FOUND, null))
                .isEqualTo("{\"error\":\"There is no such endpoint.\",\"code\":\"not_found\",\"request_id\":\"id\"}");
        assertThat(body(Dialect.OLLAMA, Reason.INVALID_FIELD, "options.stop"))
                .isEqualTo(
                        "{\"error\":\"A field has a type or value that is not accepted.\",\"code\":\"invalid_field\","
                                + "\"field\":\"options.stop\",\"request_id\":\"id\"}");
        assertThat(body(Dialect.OPENAI, Reason.INVALID_FIELD, "n"))
                .isEqualTo("{\"error\":{\"message\":\"A field has a type or value that is not accepted.\","
                        + "\"type\":\"invalid_request_error\",\"param\":\"n\",\"code\":\"invalid_field\"}}");
        assertThat(body(Dialect.OPENAI, Reason.NOT_FOUND, null)).contains("\"param\":null");
        assertThat(body(Dialect.ANTHROPIC, Reason.NOT_FOUND, null))
                .isEqualTo(
                        "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"There is no such endpoint.\"},"
                                + "\"request_id\":\"id\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_API_KEY, authentication_error, authentication_error",
        "BUDGET_EXHAUSTED, insufficient_quota, billing_error",
        "MODEL_NOT_PERMITTED, permission_error, permission_error",
        "BODY_TOO_LARGE, invalid_request_error, request_too_large",
        "RATE_LIMIT_TOKENS, rate_limit_error, rate_limit_error",
        "LIMITS_UNVERIFIABLE, server_error, overloaded_error",
        "UPSTREAM_TIMEOUT, server_error, timeout_error",
        "UPSTREAM_ERROR, server_error, api_error"
    })
    void types_are_those_that_clients_know(Reason reason, String openAi, String anthropic) throws IOException {
        assertThat(json(body(Dialect.OPENAI, reason, null)).at("/error/type").textValue())
                .isEqualTo(openAi);
        assertThat(json(body(Dialect.ANTHROPIC, reason, null)).at("/error/type").textValue())
                .isEqualTo(anthropic);
    }

    @ParameterizedTest
    @EnumSource
    void every_reason_has_a_frame_in_every_dialect(Reason reason) throws IOException {
        String ollama = frame(Endpoint.CHAT, reason);
        String openAi = frame(Endpoint.CHAT_COMPLETIONS, reason);
        String anthropic = frame(Endpoint.MESSAGES, reason);

        assertThat(json(ollama).path("error").textValue()).isEqualTo(reason.text());
        assertThat(ollama).endsWith("}\n");
        assertThat(openAi).startsWith("data: {").endsWith("}\n\n");
        assertThat(json(openAi.substring(6)).at("/error/code").textValue()).isEqualTo(reason.code());
        assertThat(anthropic).startsWith("event: error\ndata: {").endsWith("}\n\n");
    }

    @Test
    void a_response_breaks_off_with_an_event_that_every_client_takes_for_an_error() throws IOException {
        String frame = frame(Endpoint.RESPONSES, Reason.UPSTREAM_INCOMPLETE);

        assertThat(frame).startsWith("event: error\ndata: {").endsWith("}\n\n");
        JsonNode event = json(frame.substring(frame.indexOf('{')));
        assertThat(event.path("type").textValue()).isEqualTo("error");
        assertThat(event.path("code").textValue()).isEqualTo("upstream_incomplete");
        assertThat(event.path("message").textValue()).isEqualTo(Reason.UPSTREAM_INCOMPLETE.text());
        assertThat(event.at("/error/code").textValue()).isEqualTo("upstream_incomplete");
    }

    private static String body(Dialect dialect, Reason reason, @Nullable String field) {
        return new String(DialectErrors.body(dialect, reason, field, "id"), UTF_8);
    }

    private static String frame(Endpoint endpoint, Reason reason) {
        return new String(DialectErrors.frame(endpoint, reason, "id"), UTF_8);
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }
}
