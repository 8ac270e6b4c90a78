package ai.neuronetz.gateway.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.testkit.ReceivedRequest;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the playground shows what came, and that its curl box asks the same. */
@ExtendWith(SharedClientStage.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PlaygroundAnswersAcceptanceTest {

    private final ClientStage stage;
    private Chromium chromium;
    private PlaygroundPage page;

    PlaygroundAnswersAcceptanceTest(ClientStage stage) {
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
        page = chromium.open(stage.url(), 1280, 800).key(stage.key());
    }

    @AfterEach
    void close() {
        page.assertWellBehaved();
        page.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions",
                "/v1/completions",
                "/v1/responses",
                "/v1/messages",
                "/api/chat",
                "/api/generate"
            })
    void text_is_shown_as_it_arrives(String path) {
        page.refresh().endpoint(path).run("done");

        assertThat(page.looks().stream().distinct()).hasSizeGreaterThan(3).startsWith("The", "The sky");
        assertThat(page.part("#view-answer .text")).hasText(ClientStage.TEXT);
        assertThat(page.part("#ttft")).hasText(Pattern.compile("[0-9.]+ m?s"));
        assertThat(page.part("#rate")).hasText(Pattern.compile("[0-9.]+"));
        page.part("#tab-frames").click();
        assertThat(page.part("#view-frames .frame").count()).isGreaterThan(6);
        assertThat(page.part("#view-frames .frame").first())
                .containsText(path.startsWith("/v1") ? "data: {" : "{\"model\"");
    }

    @Test
    void thinking_and_tool_calls_have_their_place() {
        stage.callTools();
        for (String path : List.of("/v1/chat/completions", "/v1/messages", "/api/chat")) {
            page.refresh().endpoint(path).run("done");

            assertThat(page.part("#view-answer .text")).hasText(ClientStage.TEXT);
            assertThat(page.part("#view-answer .thinking")).hasText(ClientStage.THOUGHT);
            assertThat(page.part("#view-answer .tool")).containsText("weather");
            assertThat(page.part("#view-answer .tool")).containsText("Paris");
        }
    }

    @Test
    void limits_budget_and_adjustments_are_shown() throws IOException {
        String limited = stage.keyWith("--rpm", "60", "--tpm", "60000", "--month-budget", "500000");

        page.key(limited).refresh().body(chat("Hi").replace("{\"model\"", "{\"keep_alive\":5,\"model\""));
        page.run("done");

        assertThat(page.part("#limits .limit")).hasCount(3);
        assertThat(page.part("#limits")).containsText("59 / 60");
        assertThat(page.part("#limits")).containsText("/ 500,000");
        assertThat(page.part("#meta .adjusted")).containsText("keep_alive");
        page.part("#tab-headers").click();
        assertThat(page.part("#view-headers")).containsText("x-ratelimit-reset-requests");
    }

    @Test
    void the_curl_box_asks_what_run_asks() throws Exception {
        BrowserContext context = page.page().context();
        context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
        page.refresh().body(chat("It's \\\"so\\\" $HOME `id` \\\\ !x %s\\n é </script>"));
        stage.ollama().clearRecord();

        page.run("done");
        page.part("#copy").click();
        assertThat(page.part("#copy")).hasText("Copied");
        String copied = (String) page.evaluate("navigator.clipboard.readText()");
        String said = shell(copied);

        assertThat(copied).isEqualTo(page.curl()).contains(stage.key());
        assertThat(said).contains("data: [DONE]").contains("scatters");
        List<String> asked = stage.ollama().inferenceRequests().stream()
                .map(ReceivedRequest::body)
                .toList();
        assertThat(asked).hasSize(2);
        assertThat(asked.get(0)).isEqualTo(asked.get(1)).contains("It's", "$HOME `id`", "é");

        for (String path : List.of("/v1/models", "/v1/models/{model}", "/api/show", "/api/tags", "/", "/livez")) {
            page.endpoint(path).run("done");
            page.part("#tab-frames").click();
            assertThat(shell(page.curl()))
                    .describedAs(path)
                    .isEqualTo(page.part("#view-frames .frame span").textContent());
        }
        page.endpoint("/v1/messages").run("done");
        assertThat(shell(page.curl())).contains("event: message_stop").contains("scatters");
    }

    @Test
    void the_secret_of_the_key_is_shown_on_demand_only() {
        Locator secret = page.part("#curl .secret");

        assertThat(secret).hasText(stage.key().substring(17));
        assertThat(secret).hasCSS("color", "rgba(0, 0, 0, 0)");
        page.part("#reveal").click();
        assertThat(secret).not().hasCSS("color", "rgba(0, 0, 0, 0)");
    }

    @Test
    void an_error_in_the_stream_is_shown_below_what_came_before() {
        stage.ollama().failAfter(6, "the engine died");
        for (String path : List.of("/v1/chat/completions", "/v1/responses", "/v1/messages", "/api/chat")) {
            page.refresh().endpoint(path).run("failed");

            assertThat(page.part("#view-answer .text")).containsText("The");
            assertThat(page.part("#view-answer .fault")).containsText("The stream ended with an error");
            assertThat(page.part("#view-answer .fault p").first()).not().isEmpty();
        }
    }

    @Test
    void a_rate_limit_counts_down() {
        page.key(stage.hastyKey()).refresh().run("done", "failed").run("failed");

        assertThat(page.part("#pill")).hasText("429 rate_limit_requests");
        Locator left = page.part("#view-answer .retry b");
        assertThat(left).hasText(Pattern.compile("[0-9]+ s"));
        String before = left.textContent();
        assertThat(left).not().hasText(before);
        assertThat(seconds(left.textContent())).isLessThan(seconds(before));
    }

    @Test
    void a_refusal_says_what_to_do() {
        page.body(chat("Hi"));
        assertRefused(stage.wrongKey(), "401 Not authenticated", "Check the key");
        // Longer than what may be left of it.
        page.body(chat("Hi ".repeat(20)));
        assertRefused(stage.spentKey(), "402 Budget spent", "spent, or reserved");
        page.body(chat("Hi").replace(ClientStage.MODEL, ClientStage.OTHER_MODEL));
        assertRefused(stage.key(), "403 Not permitted", "Press Refresh");
        page.body("{ no JSON");
        assertThat(page.part("#body-hint")).containsText("Not JSON");
        assertRefused(stage.key(), "400 Refused", "one JSON object");
    }

    @Test
    void a_network_that_fails_is_told_apart_from_a_refusal() {
        page.body(chat("Hi"));
        page.page().context().setOffline(true);
        page.run("failed");

        assertThat(page.part("#view-answer .fault")).containsText("could not be reached");
        assertThat(page.part("#run")).isEnabled();
    }

    @Test
    void stop_ends_the_request_up_to_the_model_server() throws Exception {
        stage.ollama().replyTokens(500);
        page.refresh();
        page.part("#run").click();
        page.await("streaming");
        page.part("#stop").click();
        page.await("stopped");

        assertThat(page.part("#run")).isVisible();
        stage.ollama().awaitQuiet(Duration.ofSeconds(5));
    }

    private void assertRefused(String key, String title, String hint) {
        page.key(key).run("failed");
        assertThat(page.part("#view-answer .fault h3")).containsText(title);
        assertThat(page.part("#view-answer .fault .hint")).containsText(hint);
    }

    private static String chat(String content) {
        return "{\"model\":\"" + ClientStage.MODEL
                + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + content + "\"}]}";
    }

    private static int seconds(String text) {
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    /** What a command prints that succeeds. */
    private static String shell(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return said;
    }
}
