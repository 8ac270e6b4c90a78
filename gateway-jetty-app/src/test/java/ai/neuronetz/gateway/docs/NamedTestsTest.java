package ai.neuronetz.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A test that a page names as its proof has to be there. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class NamedTestsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern CLASS =
            Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`(?:: ((?:\\*[^*]+\\*,? ?)+))?");
    private static final Pattern SENTENCE = Pattern.compile("\\*([^*]+)\\*");

    private static final Map<String, String> SOURCES = new HashMap<>();

    @BeforeAll
    static void read() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<Path> tests = files.filter(file -> file.toString().matches(".*/src/test/java/.*Test\\.java"))
                    .toList();
            for (Path test : tests) {
                SOURCES.put(
                        test.getFileName().toString().replace(".java", ""),
                        Files.readString(test).replaceAll("\\s+", " "));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/OPERATIONS.md"})
    void every_test_that_is_named_exists(String page) throws IOException {
        Matcher named = CLASS.matcher(Files.readString(ROOT.resolve(page)));
        int found = 0;
        while (named.find()) {
            found++;
            assertThat(SOURCES).as(page).containsKey(named.group(1));
            String source = SOURCES.get(named.group(1));
            if (named.group(2) != null) {
                assertThat(source).as(named.group()).contains(" void " + named.group(2) + "(");
            }
            Matcher sentence = SENTENCE.matcher(named.group(3) == null ? "" : named.group(3));
            while (sentence.find()) {
                assertThat(source).as(named.group()).containsPattern(" void " + method(sentence.group(1)) + "\\(");
            }
        }
        assertThat(found).isGreaterThan(10);
    }

    /** The sentence as the name of a method; three dots stand for any rest. */
    private static String method(String sentence) {
        return sentence.replace("'", "").replace(' ', '_').replace("…", "\\w*");
    }
}
