package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ShowRequestTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"m:1\"}",
                "{\"name\":\"m:1\"}",
                "{\"model\":\"\",\"name\":\"m:1\"}",
                "{\"model\":\"m:1\",\"name\":\"m:1\"}",
                "{\"model\":\"m:1\",\"name\":null}",
                "{\"model\":null,\"name\":\"m:1\"}"
            })
    void the_model_may_have_either_name(String body) {
        assertThat(read(body)).isEqualTo(new ShowRequest.Read("m:1", List.of()));
    }

    @Test
    void other_fields_are_dropped_and_named() {
        assertThat(read("{\"model\":\"m\",\"verbose\":true,\"system\":\"x\",\"other\":{\"a\":1},\"a b\":1}"))
                .isEqualTo(new ShowRequest.Read("m", List.of("verbose", "system", "other", "unknown")));
    }

    @Test
    void two_names_are_one_too_many() {
        assertThat(read("{\"model\":\"m\",\"name\":\"n\"}")).isEqualTo(invalid("name"));
    }

    @Test
    void a_name_that_is_missing_or_no_text_is_refused() {
        for (String body : new String[] {"{}", "{\"model\":null}", "{\"name\":\"\"}"}) {
            assertThat(read(body)).isEqualTo(new ShowRequest.Refused(Denial.ofField(Reason.MISSING_FIELD, "model")));
        }
        assertThat(read("{\"model\":1}")).isEqualTo(invalid("model"));
        assertThat(read("{\"model\":[\"m\"]}")).isEqualTo(invalid("model"));
        assertThat(read("{\"name\":{}}")).isEqualTo(invalid("name"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{\"model\":\"m\"}{}",
                "{\"model\":\"m\",\"model\":\"n\"}",
                "{\"model\":\"m\",\"MODEL\":\"n\"}",
                "{\"Name\":\"m\"}",
                "{\"model\":\"m\",\"ver\u017fbose\":1,\"verbo\u017fe\":true}",
                "\uFEFF{\"model\":\"m\"}"
            })
    void what_ollama_could_read_otherwise_is_refused(String body) {
        assertThat(read(body)).isEqualTo(new ShowRequest.Refused(Denial.of(Reason.INVALID_JSON)));
    }

    private static ShowRequest.Reading invalid(String field) {
        return new ShowRequest.Refused(Denial.ofField(Reason.INVALID_FIELD, field));
    }

    private static ShowRequest.Reading read(String body) {
        return ShowRequest.read(body.getBytes(UTF_8));
    }
}
