package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What who embeds the filter inherits is what {@code docs/design-decisions.md} lists, with a reason for each. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class InheritedDependenciesTest {

    /** Group, artifact and version of what the build has resolved at run time; not our own. */
    private static final Pattern RESOLVED = Pattern.compile("^ +(?!ai\\.neuronetz:)([^: ]+:[^:]+):jar:([^: ]+):");

    private static final Pattern LISTED = Pattern.compile("^\\| `([^`:]+:[^`]+)` \\| ([^ |]+) \\|");

    @Test
    void the_list_is_the_truth() throws IOException {
        List<String> listed = found(LISTED, Path.of("../docs/design-decisions.md"));

        assertThat(listed).isNotEmpty().isEqualTo(found(RESOLVED, Path.of("target/inherited.txt")));
    }

    private static List<String> found(Pattern pattern, Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1) + ":" + matcher.group(2))
                .sorted()
                .toList();
    }
}
