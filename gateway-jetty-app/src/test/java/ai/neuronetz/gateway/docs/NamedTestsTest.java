package ai.neuronetz.gateway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A test that a page names as its proof has to be there. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class NamedTestsTest {

    private static final Pattern CLASS =
            Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`(?:: ((?:\\*[^*]+\\*,? ?)+))?");
    private static final Pattern SENTENCE = Pattern.compile("\\*([^*]+)\\*");

    private static final Map<String, String> SOURCES = new HashMap<>();

    @BeforeAll
    static void read() {
        for (Path test : Pages.files("Test.java")) {
            SOURCES.merge(
                    test.getFileName().toString().replace(".java", ""),
                    Pages.read(test).replaceAll("\\s+", " "),
                    String::concat);
        }
    }

    @ParameterizedTest
    @MethodSource
    void every_test_that_is_named_exists(Path page) {
        Matcher named = CLASS.matcher(Pages.read(page));
        while (named.find()) {
            assertThat(SOURCES).as(page.toString()).containsKey(named.group(1));
            String source = SOURCES.get(named.group(1));
            if (named.group(2) != null) {
                assertThat(source).as(named.group()).contains(" void " + named.group(2) + "(");
            }
            Matcher sentence = SENTENCE.matcher(named.group(3) == null ? "" : named.group(3));
            while (sentence.find()) {
                assertThat(source).as(named.group()).containsPattern(" void " + method(sentence.group(1)) + "\\(");
            }
        }
    }

    static List<Path> every_test_that_is_named_exists() {
        return Pages.all();
    }

    @Test
    void the_readme_names_tests() {
        assertThat(CLASS.matcher(Pages.read(Path.of("README.md"))).results().count())
                .isGreaterThan(10);
    }

    /** The sentence as the name of a method; three dots stand for any rest. */
    private static String method(String sentence) {
        return sentence.replace("'", "").replace(' ', '_').replace("…", "\\w*");
    }
}
