package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.docs.Pages;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The diagrams of the pages, drawn in a browser by what draws them for readers. */
@Tag("pages")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DiagramsTest {

    private static final Pattern DIAGRAM = Pattern.compile("(?ms)^```mermaid\\n(.*?)^```");

    @SuppressWarnings("NullAway.Init")
    private static Chromium chromium;

    @SuppressWarnings("NullAway.Init")
    private static Page browser;

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        chromium = Chromium.start();
        Npm npm = Npm.install(Path.of("src/test/js/diagrams"), Path.of("target/diagrams"));
        browser = chromium.blank();
        browser.addScriptTag(new Page.AddScriptTagOptions().setPath(npm.module("mermaid/dist/mermaid.min.js")));
        browser.evaluate("() => mermaid.initialize({ startOnLoad: false })");
    }

    @AfterAll
    static void close() {
        chromium.close();
    }

    static List<Path> every_diagram_is_drawn() {
        return Pages.all().stream()
                .filter(page -> DIAGRAM.matcher(Pages.read(page)).find())
                .toList();
    }

    @ParameterizedTest
    @MethodSource
    void every_diagram_is_drawn(Path page) {
        List<String> diagrams = DIAGRAM.matcher(Pages.read(page))
                .results()
                .map(DiagramsTest::text)
                .toList();

        assertThat(diagrams)
                .isNotEmpty()
                .allSatisfy(
                        diagram -> assertThat(draw(diagram)).startsWith("<svg").doesNotContain("Syntax error"));
    }

    @Test
    void a_diagram_with_a_mistake_is_not() {
        assertThatThrownBy(() -> draw("flowchart LR\n  a[one --> b"))
                .isInstanceOf(PlaywrightException.class)
                .hasMessageContaining("Parse error");
    }

    private static String text(MatchResult diagram) {
        return diagram.group(1);
    }

    private static String draw(String diagram) {
        return (String) browser.evaluate("text => mermaid.mermaidAPI.render('diagram', text)", diagram);
    }
}
