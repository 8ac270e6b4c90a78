package ai.neuronetz.gateway.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The playground in a browser, which remembers what it asked for and what it complained of. */
final class PlaygroundPage implements AutoCloseable {

    /** Notes what the policy forbade, and each look of the answer while it streams. Runs before the page's own script. */
    private static final String WATCH = """
            window.violations = [];
            window.looks = [];
            addEventListener('securitypolicyviolation', event => violations.push(event.effectiveDirective));
            addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
              const text = document.querySelector('#view-answer .text')?.textContent;
              if (text && document.querySelector('#response').dataset.state === 'streaming') looks.push(text);
            }).observe(document.querySelector('#view-answer'), { subtree: true, childList: true, characterData: true }));
            """;

    private final BrowserContext context;
    private final Page page;
    private final String url;
    private final List<String> requested = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    private PlaygroundPage(BrowserContext context, String url) {
        this.context = context;
        this.page = context.newPage();
        this.url = url;
        context.addInitScript(WATCH);
        page.onRequest(request -> requested.add(request.url()));
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            // Chromium says so of every answer of 400 and above.
            if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
                complaints.add(message.text());
            }
        });
    }

    static PlaygroundPage open(BrowserContext context, String url) {
        PlaygroundPage opened = new PlaygroundPage(context, url);
        Response response = opened.page.navigate(url + "/playground");
        assertThat(response.status()).isEqualTo(200);
        return opened;
    }

    Page page() {
        return page;
    }

    Locator part(String selector) {
        return page.locator(selector);
    }

    PlaygroundPage key(String key) {
        part("#key").fill(key);
        return this;
    }

    /** Chooses an endpoint. */
    PlaygroundPage endpoint(String path) {
        part("[role=tab].endpoint[title$=' " + path + "']").click();
        return this;
    }

    PlaygroundPage body(String json) {
        part("#body").fill(json);
        return this;
    }

    /** Fills the model picker, and with it the bodies. Asks again where a check took too long on a busy machine. */
    PlaygroundPage refresh() {
        Locator hint = part("#models-hint");
        for (int tries = 0; tries < 5; tries++) {
            part("#refresh").click();
            assertThat(hint).containsText(Pattern.compile("yours to use|503"));
            if (!hint.textContent().contains("503")) {
                break;
            }
        }
        assertThat(hint).containsText("yours to use");
        return this;
    }

    /** Presses Run, and waits until the answer is in one of these states. */
    PlaygroundPage run(String... states) {
        part("#run").click();
        return await(states);
    }

    PlaygroundPage await(String... states) {
        assertThat(part("#pill")).hasAttribute("data-state", Pattern.compile(String.join("|", states)));
        return this;
    }

    String answer() {
        return part("#view-answer").textContent();
    }

    /** The command in the curl box. */
    String curl() {
        return part("#curl").textContent();
    }

    Object evaluate(String script) {
        return page.evaluate(script);
    }

    /** Everything the page asked for, itself included. */
    List<String> requested() {
        return List.copyOf(requested);
    }

    /** The text of the answer, each time it had changed while the answer was coming. */
    List<String> looks() {
        return strings("looks");
    }

    /** The directives of the policy that forbade something. */
    List<String> violations() {
        return strings("violations");
    }

    /** A list of strings in the page, or the promise of one. */
    List<String> strings(String script) {
        return ((List<?>) evaluate(script)).stream().map(String.class::cast).toList();
    }

    /** Whether the page kept to its policy, without an error, and asked nobody but its own gateway. */
    void assertWellBehaved() {
        assertThat(violations()).isEmpty();
        assertThat(complaints).isEmpty();
        assertThat(requested).allSatisfy(each -> assertThat(each).startsWith(url + "/"));
    }

    @Override
    public void close() {
        context.close();
    }
}
