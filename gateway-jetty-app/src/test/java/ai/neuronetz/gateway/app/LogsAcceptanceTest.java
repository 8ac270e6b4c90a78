package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a gateway has logged that has seen a request of every kind. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@ExtendWith(ObservedRun.Shared.class)
class LogsAcceptanceTest {

    private final ObjectMapper json = new ObjectMapper();
    private final ObservedRun run;

    LogsAcceptanceTest(ObservedRun run) {
        this.run = run;
    }

    @Test
    void every_line_is_an_object_with_time_level_logger_and_message() throws JsonProcessingException {
        for (JsonNode line : lines()) {
            assertThat(line.path("timestamp").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
            assertThat(line.path("level").asText()).isIn("INFO", "WARN", "ERROR");
            assertThat(line.path("logger").asText()).isNotEmpty();
            assertThat(line.path("message").asText()).isNotEmpty();
        }
    }

    @Test
    void every_answer_has_one_line_under_the_id_that_its_client_was_told() throws JsonProcessingException {
        List<String> logged = requests().stream()
                .map(line -> line.path("request_id").asText())
                .toList();

        for (HttpResponse<String> answer : run.answers()) {
            String id = ObservedRun.idOf(answer);
            assertThat(logged).filteredOn(id::equals).as(answer.toString()).hasSize(1);
        }
        assertThat(logged).doesNotHaveDuplicates();
    }

    @Test
    void a_request_is_logged_with_what_an_operator_asks_for() throws JsonProcessingException {
        JsonNode line = requests().stream()
                .filter(request -> request.path("endpoint").asText().equals("/api/chat")
                        && request.path("code").asText().equals("none"))
                .findFirst()
                .orElseThrow();

        assertThat(line.path("status").asInt()).isEqualTo(200);
        assertThat(line.path("tenant").asText()).isEqualTo("watched");
        assertThat(run.keys().get(0)).contains(line.path("key_id").asText());
        assertThat(line.path("trace_id").asText()).isEqualTo(ObservedRun.TRACE_ID);
        assertThat(line.path("basis").asText()).isEqualTo("reported");
        assertThat(line.path("charged_tokens").asLong())
                .isPositive()
                .isEqualTo(line.path("input_tokens").asLong()
                        + line.path("output_tokens").asLong());
        assertThat(line.path("duration_ms").isIntegralNumber()).isTrue();
    }

    @Test
    void denials_and_broken_answers_are_told_apart() throws JsonProcessingException {
        Set<String> codes = new HashSet<>();
        requests().forEach(line -> codes.add(line.path("code").asText()));

        assertThat(codes)
                .contains(
                        "none",
                        "client_gone",
                        "not_found",
                        "method_not_allowed",
                        "endpoint_blocked",
                        "invalid_api_key",
                        "invalid_json",
                        "body_too_large",
                        "unsupported_encoding",
                        "model_not_permitted",
                        "rate_limit_requests",
                        "budget_exhausted",
                        "upstream_error",
                        "upstream_incomplete");
    }

    @Test
    void neither_secrets_nor_prompts_nor_answers_nor_paths_are_logged() {
        String log = run.log();

        assertThat(log).doesNotContain(ObservedRun.CANARIES);
        run.keys().forEach(key -> assertThat(log).doesNotContain(key.substring(key.length() - 20)));
        run.installation().assertNoSecretIn(log);
    }

    @Test
    void the_traceparent_goes_no_further() {
        assertThat(run.installation().ollama().requests())
                .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("traceparent"));
        assertThat(run.answers())
                .allSatisfy(answer -> assertThat(answer.headers().map()).doesNotContainKey("traceparent"));
    }

    @Test
    void the_start_is_logged_with_the_settings_in_force_and_a_warning_for_the_dangerous_one()
            throws JsonProcessingException {
        JsonNode start = lines().get(0);

        assertThat(start.path("message").asText()).isEqualTo("starting");
        assertThat(start.path("version").asText()).isNotEmpty();
        assertThat(start.path("java").asText()).isEqualTo(Runtime.version().toString());
        assertThat(start.path("settings").path("KEY_PEPPER").asText()).isEqualTo("(from KEY_PEPPER)");
        assertThat(start.path("settings").path("MAX_NUM_PREDICT").asText()).isEqualTo("4096");
        assertThat(start.path("settings").path("DATABASE_URL").asText()).startsWith("postgresql://127.0.0.1:");
        assertThat(lines().get(1).path("level").asText()).isEqualTo("WARN");
        assertThat(lines().get(1).path("message").asText()).startsWith("SHOW_MODEL_PROMPTS");
    }

    private List<JsonNode> requests() throws JsonProcessingException {
        return lines().stream()
                .filter(line -> line.path("logger").asText().equals("ai.neuronetz.gateway.requests"))
                .toList();
    }

    private List<JsonNode> lines() throws JsonProcessingException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : run.log().lines().toList()) {
            lines.add(json.readTree(line));
        }
        assertThat(lines).isNotEmpty();
        return lines;
    }
}
