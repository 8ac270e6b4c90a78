package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a page shows of what a command prints: lines in order, between which there may be others. {@code …} is anything, any run of
 * blanks is one, and what is another each time only has to look alike: numbers, instants, ids of keys and requests.
 */
final class Printed {

    private static final Pattern VARIES = Pattern.compile("\\b(?:"
            + "(?<instant>\\d{4}-\\d\\d-\\d\\d(?:T[0-9:.]+Z)?)"
            + "|(?<request>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
            + "|(?<key>(?=[A-Za-z]*[0-9])(?=[0-9a-z]*[A-Z])[A-Za-z0-9]{12})"
            + "|(?<number>\\d+(?:\\.\\d+)*)d?)(?![A-Za-z0-9])");

    private Printed() {}

    static void assertShown(String printed, List<String> shown) {
        assertThat(printed)
                .containsPattern(Pattern.compile(
                        shown.stream().map(Printed::pattern).collect(Collectors.joining("(?s:.*?)")),
                        Pattern.MULTILINE));
    }

    /** Nothing else may be printed; lines are left out only where the page has a line with nothing but {@code …}. */
    static void assertWhole(String printed, String shown) {
        assertThat(printed)
                .matches(shown.lines()
                        .map(line -> line.strip().equals("…") ? "(?:.*\\n)*" : " *" + pattern(line) + " *\\n")
                        .collect(Collectors.joining()));
    }

    static String pattern(String line) {
        return Arrays.stream(line.strip().split("…", -1)).map(Printed::words).collect(Collectors.joining(".*"));
    }

    private static String words(String text) {
        return Arrays.stream(text.split(" +", -1)).map(Printed::alike).collect(Collectors.joining(" +"));
    }

    private static String alike(String word) {
        StringBuilder pattern = new StringBuilder();
        var varies = VARIES.matcher(word);
        int from = 0;
        while (varies.find()) {
            pattern.append(Pattern.quote(word.substring(from, varies.start())));
            if (varies.group("instant") != null) {
                pattern.append("[0-9T:.Z-]+");
            } else if (varies.group("request") != null) {
                pattern.append("[0-9a-f-]{36}");
            } else if (varies.group("key") != null) {
                pattern.append("[A-Za-z0-9]{12}");
            } else {
                pattern.append("[0-9.]+d?");
            }
            from = varies.end();
        }
        return pattern.append(Pattern.quote(word.substring(from))).toString();
    }
}
