package ai.neuronetz.gateway.app;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The machine's own Chromium without a window, driven with the machine's own Node: nothing is downloaded. */
final class Chromium implements AutoCloseable {

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** Skips the test where there is no Chromium, but not in CI. */
    static Chromium start() {
        Optional<Path> chromium = onPath("chromium", "chromium-browser", "google-chrome");
        Optional<Path> node = onPath("node");
        boolean present = chromium.isPresent() && node.isPresent();
        if (!present && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("there is no chromium or node here, and CI must not skip this test; install both");
        }
        assumeTrue(present, "there is no chromium or node here; install both to try the playground in a browser");
        Playwright playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of(
                        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
                        "1",
                        "PLAYWRIGHT_NODEJS_PATH",
                        node.orElseThrow().toString())));
        return new Chromium(
                playwright,
                playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions().setExecutablePath(chromium.orElseThrow())));
    }

    /** A window of its own, with nothing in common with any other. */
    PlaygroundPage open(String url, int width, int height) {
        return PlaygroundPage.open(
                browser.newContext(new Browser.NewContextOptions()
                        .setViewportSize(width, height)
                        .setDeviceScaleFactor(width < 500 ? 2 : 1)
                        // Without it each click waits for what moves to rest.
                        .setReducedMotion(ReducedMotion.REDUCE)
                        .setLocale("en-US")),
                url);
    }

    /** An empty page. */
    Page blank() {
        return browser.newPage();
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }

    private static Optional<Path> onPath(String... names) {
        return Stream.of(names)
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
