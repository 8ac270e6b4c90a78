package ai.neuronetz.gateway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A snippet on a page is a passage of a file that the build compiles or uses. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SnippetsTest {

    private static final Pattern FENCE = Pattern.compile("(?ms)^( *)```(java|xml|properties)\\n(.*?)^ *```");
    private static final Map<String, List<String>> SOURCES = Map.of(
            "java", sources(".java"),
            "xml", sources("pom.xml"),
            "properties", sources(".properties"));

    @TestFactory
    List<DynamicTest> every_snippet_is_quoted() {
        List<DynamicTest> tests = new ArrayList<>();
        Pages.all().forEach(page -> {
            Matcher fence = FENCE.matcher(Pages.read(page));
            while (fence.find()) {
                String language = fence.group(2);
                String snippet = fence.group(3);
                tests.add(DynamicTest.dynamicTest(
                        page + ": " + snippet.lines().findFirst().orElse(""),
                        () -> assertThat(isQuoted(language, snippet))
                                .as(snippet)
                                .isTrue()));
            }
        });
        assertThat(tests).isNotEmpty();
        return tests;
    }

    @Test
    void what_stands_in_no_file_is_no_quotation() {
        assertThat(isQuoted("java", "@TestFactory\nList<DynamicTest> every_snippet_is_quoted() {"))
                .isTrue();
        assertThat(isQuoted("java", "@TestFactory\nList<DynamicTest> some_snippet_is_" + "quoted() {"))
                .isFalse();
    }

    private static boolean isQuoted(String language, String snippet) {
        String wanted = unindented(snippet);
        return SOURCES.get(language).stream().anyMatch(source -> source.contains(wanted));
    }

    private static List<String> sources(String ending) {
        return Pages.files(ending).stream()
                .map(file -> unindented(Pages.read(file)))
                .toList();
    }

    private static String unindented(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}
