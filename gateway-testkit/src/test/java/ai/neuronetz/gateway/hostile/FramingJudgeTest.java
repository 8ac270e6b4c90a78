package ai.neuronetz.gateway.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.hostile.FramingCorpus.Message;
import ai.neuronetz.gateway.hostile.FramingCorpus.Verdict;
import ai.neuronetz.gateway.hostile.FramingJudge.Outcome;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The corpus and its judge are worth something only if they find a server that reads lengths in a way of its own. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FramingJudgeTest {

    /** What a server goes by where a message says both or neither. */
    enum Reader {
        FIRST_LENGTH_WINS,
        LAST_LENGTH_WINS,
        CODING_WINS,
        ANY_MENTION_OF_CHUNKED_WINS
    }

    private final List<Message> corpus = FramingCorpus.generate("nng_x");

    @Test
    void there_are_thousands_of_messages_of_each_kind() {
        assertThat(corpus).hasSizeGreaterThan(4000);
        for (Verdict verdict : Verdict.values()) {
            assertThat(corpus).anyMatch(message -> message.verdict() == verdict);
        }
        assertThat(corpus)
                .allMatch(message -> message.bytes().contains(message.secondMarker())
                        || message.bytes().contains(message.firstMarker()));
    }

    @ParameterizedTest
    @EnumSource(Reader.class)
    void a_server_that_is_lenient_is_found_out(Reader reader) {
        assertThat(corpus)
                .filteredOn(message -> message.verdict() == Verdict.REFUSED)
                .anyMatch(message ->
                        FramingJudge.violation(message, serve(reader, message)).isPresent());
    }

    @Test
    void what_comes_after_a_refusal_is_a_violation_even_if_ollama_does_not_see_it() {
        Message refused = corpus.stream()
                .filter(message -> message.verdict() == Verdict.REFUSED)
                .findFirst()
                .orElseThrow();

        assertThat(FramingJudge.violation(refused, Outcome.of("HTTP/1.1 400 \r\n\r\n{}", false, false)))
                .isEmpty();
        assertThat(FramingJudge.violation(
                        refused, Outcome.of("HTTP/1.1 400 \r\n\r\n{}\nHTTP/1.1 401 \r\n\r\n", false, false)))
                .isPresent();
        assertThat(FramingJudge.violation(refused, Outcome.of("HTTP/1.1 101 \r\n\r\n", false, false)))
                .isPresent();
    }

    /** What becomes of a message at a server that finds the end of a body in its own way, and serves what it can. */
    private static Outcome serve(Reader reader, Message message) {
        String bytes = message.bytes();
        int end = bytes.indexOf("\r\n\r\n") + 4;
        String head = bytes.substring(0, end).toLowerCase(Locale.ROOT);
        String content = bytes.substring(end);
        int bodyEnd = chunked(reader, head) ? content.indexOf("0\r\n\r\n") + 5 : length(reader, head);
        boolean secondServed = bodyEnd >= 0
                && bodyEnd < content.length()
                && content.startsWith("POST ", bodyEnd)
                && content.indexOf(message.secondMarker(), bodyEnd) > 0;
        return new Outcome(secondServed ? List.of(400, 200) : List.of(400), false, secondServed);
    }

    private static boolean chunked(Reader reader, String head) {
        return switch (reader) {
            case FIRST_LENGTH_WINS, LAST_LENGTH_WINS -> false;
            case CODING_WINS -> head.contains("\r\ntransfer-encoding: chunked\r\n");
            case ANY_MENTION_OF_CHUNKED_WINS -> head.contains("chunked");
        };
    }

    private static int length(Reader reader, String head) {
        String name = "content-length: ";
        int at = reader == Reader.LAST_LENGTH_WINS ? head.lastIndexOf(name) : head.indexOf(name);
        int stop = head.indexOf('\r', at);
        String digits = at < 0 ? "" : head.substring(at + name.length(), stop).replaceAll("[^0-9].*", "");
        return digits.isEmpty() || digits.length() > 9 ? -1 : Integer.parseInt(digits);
    }
}
