package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PrintedTest {

    private static final String SHOWN = """
            key id   Zp3xK0v7mTq1
            ends at  2026-11-26T18:00:00Z
            key      nng_…
            …
            2026-11-02  llama3:8b, 30 tokens, at :8081
            """;

    private static final String PRINTED = """
            key id     abcdefghijk1
            ends at    2027-01-02T03:04:05.678901Z
            key        nng_abcdefghijk1_XYZ
            more
            and more
            2027-01-02   llama3:8b, 7 tokens, at :41234
            """;

    @Test
    void what_varies_may_be_another() {
        Printed.assertWhole(PRINTED, SHOWN);
        Printed.assertWhole(PRINTED.replace("more\nand more\n", ""), SHOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key id /key ids ",
                "abcdefghijk1\n/abcdefghijk\n",
                "2027-01-02T/at ",
                "key        nng_/key        ",
                "llama3:8b/llama3:7b",
                "llama3/llama4",
                "7 tokens/seven tokens",
                "ends at    2027/ends at    2027\nends at    2027",
                "41234\n/41234\nand more\n"
            })
    void a_word_that_differs_is_noticed(String change) {
        String[] from = change.split("/");
        assertThat(PRINTED).contains(from[0]);
        assertThatThrownBy(() -> Printed.assertWhole(PRINTED.replace(from[0], from[1]), SHOWN))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void of_an_excerpt_every_line_has_to_be_there_in_its_order() {
        assertThatCode(() -> Printed.assertShown("one\ntwo\nthree\n", List.of("one", "three")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Printed.assertShown("one\ntwo\nthree\n", List.of("three", "one")))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> Printed.assertShown("one\ntwo\nthree\n", List.of("one", "four")))
                .isInstanceOf(AssertionError.class);
    }
}
