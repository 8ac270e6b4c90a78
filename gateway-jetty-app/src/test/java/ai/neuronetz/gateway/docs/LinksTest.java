package ai.neuronetz.gateway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A link within the project leads somewhere, its anchor too. Links to elsewhere are not followed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LinksTest {

    private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");

    @ParameterizedTest
    @MethodSource
    void every_link_leads_somewhere(Path page) {
        assertThat(deadLinks(page, Pages.read(page))).isEmpty();
    }

    static List<Path> every_link_leads_somewhere() {
        return Pages.all();
    }

    @Test
    void a_link_to_a_missing_file_or_heading_is_dead() {
        String text = "[a](missing.md) [b](README.md#nowhere) [c](README.md#what-it-is) [d](https://example.org/x)";

        assertThat(deadLinks(Path.of("CHANGELOG.md"), text)).containsExactly("missing.md", "README.md#nowhere");
    }

    private static List<String> deadLinks(Path page, String text) {
        return LINK.matcher(withoutFences(text))
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.contains("://") && !target.startsWith("mailto:"))
                .filter(target -> !exists(page, target))
                .toList();
    }

    private static boolean exists(Path page, String target) {
        String[] parts = target.split("#", 2);
        Path from = Pages.ROOT.resolve(page);
        Path file = parts[0].isEmpty() ? from : from.resolveSibling(parts[0]).normalize();
        return Files.exists(file) && (parts.length == 1 || anchors(file).anyMatch(parts[1]::equals));
    }

    private static Stream<String> anchors(Path file) {
        Matcher headings = HEADING.matcher(withoutFences(Pages.read(file)));
        return headings.results().map(heading -> anchor(heading.group(1)));
    }

    /** As GitHub and Python-Markdown make it of a heading without markup. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .chars()
                .filter(c -> Character.isLetterOrDigit(c) || c == ' ' || c == '-' || c == '_')
                .mapToObj(c -> String.valueOf((char) (c == ' ' ? '-' : c)))
                .collect(Collectors.joining());
    }

    private static String withoutFences(String text) {
        return FENCE.matcher(text).replaceAll("");
    }
}
