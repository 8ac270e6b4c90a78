package ai.neuronetz.gateway.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.identity.ApiKey;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PatternRedactorTest {

    private static String redact(String text) {
        return Redactor.patterns().redact(text);
    }

    @Test
    void a_key_of_the_gateways_own_is_replaced() {
        assertThat(redact("key=" + ApiKey.generate().reveal() + "!")).isEqualTo("key=[redacted: API key]!");
    }

    @ParameterizedTest
    @CsvSource({
        "sk-0123456789abcdef, [redacted: API key]",
        "x sk-proj-AbC_0123456789abcdef y, x [redacted: API key] y",
        "AKIAABCDEFGHIJKLMNOP, [redacted: API key]",
        "'\"ASIAABCDEFGHIJKLMNOP\"', '\"[redacted: API key]\"'",
        "ghp_0123456789abcdefghij0123456789abcdef, [redacted: API key]",
        "github_pat_0123456789abcdefghij_0123, [redacted: API key]",
        "Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln-_x=, Authorization: Bearer [redacted: token]",
        "BEARER   abcdefghijklmnop, BEARER   [redacted: token]",
        "ann.o'neil+x@mail.example.co.uk., [redacted: e-mail].",
        "<jörg@bücher.example>, <[redacted: e-mail]>",
        "mailto:a@b.io?x, mailto:[redacted: e-mail]?x"
    })
    void shapes_of_secrets_are_replaced_and_what_is_around_them_stays(String text, String redacted) {
        assertThat(redact(text)).isEqualTo(redacted);
    }

    @ParameterizedTest
    @CsvSource({
        "4111111111111111, [redacted: card number]",
        "4111 1111 1111 1111, [redacted: card number]",
        "4111-1111-1111-1111 123, [redacted: card number] 123",
        "12 4111 1111 1111 1111, 12 [redacted: card number]",
        "378282246310005, [redacted: card number]",
        "a5555555555554444b, a[redacted: card number]b",
        "6011000990139424 and 4222222222222, [redacted: card number] and [redacted: card number]"
    })
    void numbers_of_cards_are_replaced_however_they_are_grouped(String text, String redacted) {
        assertThat(redact(text)).isEqualTo(redacted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Plain text, 1234, a-b-c and 3.14.",
                "a task-force-management-of-things",
                "4111111111111112",
                "41111111111111111111111",
                "1700000000000",
                "2026-11-25 12:00:00",
                "sk-short",
                "bearer of bad news",
                "user@localhost",
                "@everyone",
                "{\"a\": [1, 2, 3]}"
            })
    void what_is_no_secret_stays(String text) {
        assertThat(redact(text)).isEqualTo(text);
    }

    @Test
    void redactors_are_composed_in_order() {
        Redactor both = Redactor.patterns().andThen(text -> text.replace("redacted", "gone"));

        assertThat(both.redact("a@b.io")).isEqualTo("[gone: e-mail]");
    }

    /** Counted and not timed: a search that goes back and forth looks at each character very often. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a", "@", "a@", "a@a.", "a.", "sk-", "sk-a", "AKIA", "AKIAA", "ghp_", "ghp_a", "nng_",
                        "nng_000000000000_",
                "bearer ", "bearer\t ", "4", "4 ", "4-", "41 ", "0", " ", "-", "a@a.a@", "a@b-c.d-", "github_pat_",
                        "%+'"
            })
    void no_text_makes_the_search_go_back_and_forth(String unit) {
        String text = unit.repeat(8_000 / unit.length());
        AtomicLong looks = new AtomicLong();

        PatternRedactor.INSTANCE.redact(new Watched(text, looks));

        assertThat(looks.get()).isLessThan(250L * text.length());
    }

    private record Watched(String text, AtomicLong looks) implements CharSequence {

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            looks.incrementAndGet();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Watched(text.substring(start, end), looks);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
