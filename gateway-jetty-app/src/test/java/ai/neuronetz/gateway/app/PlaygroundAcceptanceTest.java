package ai.neuronetz.gateway.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.ollama.Endpoint;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ReducedMotion;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the playground promises to who types a key into it, in a real browser and with a whole gateway. */
@ExtendWith(SharedClientStage.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PlaygroundAcceptanceTest {

    private static final String ELSEWHERE = "https://attacker.example";

    private final ClientStage stage;
    private Chromium chromium;
    private PlaygroundPage page;

    PlaygroundAcceptanceTest(ClientStage stage) {
        this.stage = stage;
    }

    @BeforeAll
    void startBrowser() {
        chromium = Chromium.start();
    }

    @AfterAll
    void stopBrowser() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void open() {
        page = chromium.open(stage.url(), 1280, 800);
    }

    @AfterEach
    void close() {
        page.close();
    }

    @Test
    void nothing_can_be_sent_until_a_key_is_in_the_field() {
        for (String nothing : List.of("", "   ")) {
            page.key(nothing);
            for (String button : List.of("#run", "#refresh")) {
                assertThat(page.part(button)).isDisabled();
                assertThat(page.part(button)).hasCSS("cursor", "not-allowed");
            }
            page.page().keyboard().press("Control+Enter");
        }
        assertThat(page.part("#run-hint")).containsText("Enter an API key");
        assertThat(page.requested()).containsExactly(stage.url() + "/playground");

        page.key("nng_x");

        assertThat(page.part("#run")).isEnabled();
        assertThat(page.part("#refresh")).isEnabled();
        assertThat(page.part("#run")).hasCSS("cursor", "pointer");
        page.assertWellBehaved();
    }

    @Test
    void what_is_written_into_the_base_url_does_not_move_the_key() {
        assertThat(page.part("#base")).hasValue(stage.url());
        page.key(stage.key()).refresh();

        // As autofill does, which tells the page or does not.
        page.evaluate("document.querySelector('#base').value = '" + ELSEWHERE + "'");
        page.run("done");
        assertThat(page.part("#base")).hasValue(stage.url());
        for (String event : List.of("input", "change", "focus", "blur")) {
            page.evaluate("document.querySelector('#base').value = '" + ELSEWHERE + "'");
            page.part("#base").dispatchEvent(event);
            assertThat(page.part("#base")).hasValue(stage.url());
        }
        page.evaluate("document.querySelector('#base').value = '" + ELSEWHERE + "'");
        page.part("#refresh").click();
        assertThat(page.part("#base")).hasValue(stage.url());

        assertThat(page.curl()).doesNotContain(ELSEWHERE);
        assertThat(page.requested()).contains(stage.url() + "/v1/chat/completions");
        page.assertWellBehaved();
    }

    @Test
    void the_key_is_nowhere_but_in_its_field_and_leaves_with_the_page() {
        page.key(stage.key()).refresh().run("done");

        assertThat(page.part("#key")).hasAttribute("type", "password");
        assertThat(page.part("#key")).hasAttribute("autocomplete", "off");
        assertThat(page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length"))
                .isEqualTo(0);
        assertThat((List<?>) page.evaluate("indexedDB.databases()")).isEmpty();
        assertThat(page.strings("caches.keys()")).isEmpty();
        assertThat(page.page().context().cookies()).isEmpty();
        assertThat(page.requested()).noneSatisfy(url -> assertThat(url).contains("nng_"));
        assertThat(page.page().url()).isEqualTo(stage.url() + "/playground");
        page.assertWellBehaved();

        // The page as it is kept for the way back.
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
        assertThat(page.part("#key")).hasValue("");
        assertThat(page.curl()).doesNotContain("nng_");
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
        assertThat(page.part("#run")).isDisabled();
        assertThat(page.curl()).contains("YOUR_KEY");

        page.key(stage.key()).page().reload();
        assertThat(page.part("#key")).hasValue("");
    }

    @Test
    void the_policy_forbids_what_is_not_the_pages_own() {
        String blocked = (String) page.evaluate("""
                async () => {
                  const image = new Image();
                  image.src = 'http://127.0.0.1:9/x.png';
                  document.body.append(image);
                  document.body.setAttribute('style', 'color: red');
                  const script = document.createElement('script');
                  let refused = [];
                  try { script.text = 'window.injected = 1'; } catch { refused.push('text'); }
                  try { document.body.innerHTML += '<b>x</b>'; } catch { refused.push('html'); }
                  try { await fetch('http://127.0.0.1:9/'); } catch { refused.push('fetch'); }
                  document.body.append(script);
                  return refused.join() + (window.injected ? ' but it ran' : '');
                }""");

        assertThat(blocked).isEqualTo("text,html,fetch");
        assertThat(page.violations()).contains("img-src", "connect-src", "style-src-attr", "require-trusted-types-for");
    }

    @Test
    void everything_that_is_served_has_its_card() {
        Locator tabs = page.part("[role=tab].endpoint");
        List<String> shown = tabs.all().stream()
                .map(tab -> tab.getAttribute("title"))
                .sorted()
                .toList();
        assertThat(shown)
                .isEqualTo(Stream.concat(
                                Arrays.stream(Endpoint.values())
                                        .map(endpoint -> endpoint.method() + " " + endpoint.path()),
                                Stream.of("GET /healthz", "GET /readyz", "GET /livez"))
                        .sorted()
                        .toList());
        for (Locator tab : tabs.all()) {
            tab.click();
            String name = tab.getAttribute("title");
            assertThat(page.part(".call").innerText().replaceAll("\\s+", " ")).isEqualTo(name);
            assertThat(page.part("#about-badges .badge")).hasCount(3);
            for (String part : List.of("#about-text", "#about-note", "#sample-request", "#sample-response")) {
                assertThat(page.part(part).textContent())
                        .describedAs(name + " " + part)
                        .isNotBlank();
            }
        }
        page.assertWellBehaved();
    }

    @Test
    void everything_that_is_served_answers_from_the_page() {
        stage.ollama().pace(Duration.ZERO);
        page.key(stage.key()).refresh();

        for (Locator tab : page.part("[role=tab].endpoint").all()) {
            tab.click();
            page.run("done", "failed");
            assertThat(page.part("#response-of"))
                    .containsText(tab.getAttribute("title").replace("{model}", ClientStage.MODEL));
            assertThat(page.part("#pill")).hasText("200 OK");
            assertThat(page.part("#meta")).containsText("X-Request-ID");
            assertThat(page.part("#total")).hasText(Pattern.compile("[0-9.]+ m?s"));
        }
        page.assertWellBehaved();
    }

    @Test
    void the_keyboard_alone_is_enough() {
        tabTo("#key");
        page.page().keyboard().type(stage.key());
        tabTo("[role=tab].endpoint");
        assertThat(page.part(":focus")).hasCSS("outline-style", "solid");
        page.page().keyboard().press("End");
        page.page().keyboard().press("ArrowDown");
        page.page().keyboard().press("ArrowDown");
        assertThat(page.part("#about-path")).hasText("/v1/completions");
        tabTo("#refresh");
        page.page().keyboard().press("Enter");
        assertThat(page.part("#models-hint")).containsText("yours to use");
        tabTo("#run");
        page.page().keyboard().press("Space");
        page.await("done");
        assertThat(page.part("#run")).isFocused();
        assertThat(page.part("#status")).containsText("complete");

        tabTo("#tab-answer");
        page.page().keyboard().press("ArrowRight");
        assertThat(page.part("#view-frames")).containsText("data: [DONE]");

        stage.ollama().stallAfter(3);
        page.page().keyboard().press("Control+Enter");
        page.await("streaming");
        page.page().keyboard().press("Escape");
        page.await("stopped");
        assertThat(page.part("#status")).hasText("Stopped.");
        page.assertWellBehaved();
    }

    @Test
    void a_phones_width_is_enough() {
        try (PlaygroundPage phone = chromium.open(stage.url(), 360, 740)) {
            phone.key(stage.key()).refresh();
            for (Locator tab : phone.part("[role=tab].endpoint").all()) {
                tab.click();
                assertFits(phone, tab.getAttribute("title"));
            }
            phone.endpoint("/api/chat").run("done");
            assertThat(phone.part("#view-answer")).isInViewport();
            assertThat(phone.part("#run")).isInViewport();
            for (String view : List.of("#tab-frames", "#tab-headers")) {
                phone.part(view).click();
                assertFits(phone, view);
            }
            phone.assertWellBehaved();
        }
    }

    @Test
    void nothing_moves_for_who_asked_for_less() {
        for (ReducedMotion motion : ReducedMotion.values()) {
            page.page().emulateMedia(new Page.EmulateMediaOptions().setReducedMotion(motion));

            String moves = "getComputedStyle(document.querySelector('#refresh')).transitionProperty !== 'none'";
            assertThat(page.evaluate(moves)).isEqualTo(motion == ReducedMotion.NO_PREFERENCE);
        }
    }

    private static void assertFits(PlaygroundPage phone, String what) {
        assertThat(phone.evaluate("document.documentElement.scrollWidth"))
                .describedAs(what)
                .isEqualTo(360);
    }

    /** Presses Tab until the focus is there. */
    private void tabTo(String selector) {
        for (int presses = 0; presses < 40; presses++) {
            if (Boolean.TRUE.equals(
                    page.page().evaluate("selector => document.activeElement.matches(selector)", selector))) {
                return;
            }
            page.page().keyboard().press("Tab");
        }
        throw new AssertionError("the tab key does not come to " + selector);
    }
}
