package ai.neuronetz.gateway.hostile;

import ai.neuronetz.gateway.hostile.FramingCorpus.Message;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Says whether what became of a message is what may become of it. */
final class FramingJudge {

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([0-9]{3}) ");

    /**
     * What became of a message.
     *
     * @param answers statuses in order, without 1xx
     * @param firstSeen whether Ollama saw it
     * @param secondSeen whether Ollama saw the request behind or in it
     */
    record Outcome(List<Integer> answers, boolean firstSeen, boolean secondSeen) {

        static Outcome of(String received, boolean firstSeen, boolean secondSeen) {
            List<Integer> answers = STATUS_LINE
                    .matcher(received)
                    .results()
                    .map((MatchResult match) -> Integer.valueOf(match.group(1)))
                    .filter(status -> status >= 200 || status == 101)
                    .toList();
            return new Outcome(answers, firstSeen, secondSeen);
        }
    }

    private FramingJudge() {}

    /** Whether the message itself was served, and nothing behind it. */
    static boolean first(Outcome outcome) {
        return outcome.firstSeen() && !outcome.secondSeen() && outcome.answers().equals(List.of(200));
    }

    static Optional<String> violation(Message message, Outcome outcome) {
        boolean right = switch (message.verdict()) {
            case REFUSED -> refused(outcome);
            case BOTH -> both(outcome);
            case SECOND -> second(outcome) || refused(outcome);
            case FIRST -> first(outcome);
        };
        return right || (message.lenient() && refused(outcome))
                ? Optional.empty()
                : Optional.of(message + " -> " + outcome);
    }

    private static boolean refused(Outcome outcome) {
        return !outcome.firstSeen()
                && !outcome.secondSeen()
                && outcome.answers().size() <= 1
                && outcome.answers().stream().allMatch(status -> status >= 400);
    }

    /** Ollama has seen both; on a busy machine the second answer may come later than the server's patience lasts. */
    private static boolean both(Outcome outcome) {
        return outcome.firstSeen()
                && outcome.secondSeen()
                && !outcome.answers().isEmpty()
                && outcome.answers().stream().allMatch(status -> status == 200);
    }

    private static boolean second(Outcome outcome) {
        // What is left over behind the second is refused, if it is answered.
        return !outcome.firstSeen()
                && outcome.secondSeen()
                && List.of(400, 200, 400)
                        .subList(0, Math.min(3, outcome.answers().size()))
                        .equals(outcome.answers());
    }
}
