package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JsonLinesTest {

    private final LoggerContext context = new LoggerContext();
    private final JsonLines lines = new JsonLines();

    @Test
    void a_stack_trace_is_one_field_of_the_one_line() throws IOException {
        LoggingEvent event = event("failed\nfor a reason", new IllegalStateException("why", new IOException("deeper")));

        JsonNode line = line(event);

        assertThat(line.path("message").asText()).isEqualTo("failed\nfor a reason");
        assertThat(line.path("stack_trace").asText())
                .contains("IllegalStateException: why", "Caused by: java.io.IOException: deeper", "\n\tat ");
    }

    @Test
    void the_values_of_an_event_are_fields_and_never_take_the_place_of_its_own() throws IOException {
        LoggingEvent event = event("request", null, Map.of("request_id", "id", "level", "FORGED"));
        event.setKeyValuePairs(List.of(
                new KeyValuePair("status", 200),
                new KeyValuePair("message", "forged"),
                new KeyValuePair("request_id", "forged"),
                new KeyValuePair("settings", Map.of("A", "b")),
                new KeyValuePair("endpoint", "/api/chat")));

        JsonNode line = line(event);

        assertThat(line.path("status").isInt()).isTrue();
        assertThat(line.path("settings").path("A").asText()).isEqualTo("b");
        assertThat(line.path("endpoint").asText()).isEqualTo("/api/chat");
        assertThat(line.path("request_id").asText()).isEqualTo("id");
        assertThat(line.path("message").asText()).isEqualTo("request");
        assertThat(line.path("level").asText()).isEqualTo("INFO");
    }

    @Test
    void no_character_can_break_a_line() throws IOException {
        String hostile = "a\r\nb\u0000\u001b[2J\u2028\ud800 \"\\ \u00fc\ud83d\ude00";

        assertThat(line(event(hostile, null)).path("message").asText()).isEqualTo(hostile);
    }

    private LoggingEvent event(String message, Throwable failure) {
        return event(message, failure, Map.of());
    }

    private LoggingEvent event(String message, Throwable failure, Map<String, String> ids) {
        LoggingEvent event =
                new LoggingEvent("test", context.getLogger("a.logger"), Level.INFO, message, failure, null);
        event.setMDCPropertyMap(ids);
        return event;
    }

    private JsonNode line(LoggingEvent event) throws IOException {
        String written = new String(lines.encode(event), StandardCharsets.UTF_8);
        assertThat(written).endsWith("\n").hasLineCount(1).matches("[\\x20-\\x7e]+\n");
        return new ObjectMapper().readTree(written);
    }
}
