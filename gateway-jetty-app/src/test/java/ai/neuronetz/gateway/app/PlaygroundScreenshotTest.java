package ai.neuronetz.gateway.app;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ScreenshotAnimations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** Takes the pictures of the documentation anew, when told to: {@code -Dplayground.screenshots=true}. */
@ExtendWith(SharedClientStage.class)
@EnabledIfSystemProperty(named = "playground.screenshots", matches = "true")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PlaygroundScreenshotTest {

    private static final Path IMAGES = Path.of("../docs/images");
    private static final String ANSWER = """
            The light of the sun is a mix of all colours. On its way through the air it meets molecules that are much smaller \
            than its waves, and they scatter the short waves of blue far more than the long ones of red.

            So blue light comes to us from every part of the sky, and not only from where the sun is. At dusk the way \
            through the air is longer: most of the blue is gone before it reaches us, and red and orange are left.""";

    private final ClientStage stage;

    PlaygroundScreenshotTest(ClientStage stage) {
        this.stage = stage;
    }

    @Test
    void pictures_of_the_playground() throws IOException {
        stage.ollama().reply(ANSWER.split("(?= )")).pace(Duration.ofMillis(12));
        String key = stage.keyWith("--rpm", "60", "--tpm", "60000", "--month-budget", "500000");
        try (Chromium chromium = Chromium.start()) {
            take(chromium, key, 1440, 1010, "playground.png");
            take(chromium, key, 360, 740, "playground-phone.png");
        }
    }

    private void take(Chromium chromium, String key, int width, int height, String file) {
        try (PlaygroundPage page = chromium.open(stage.url(), width, height)) {
            page.key(key).refresh();
            page.body(page.part("#body").inputValue().replace("true,", "true,\n  \"max_tokens\": 0,"));
            page.run("done");
            page.part("#pill").hover();
            page.page()
                    .screenshot(new Page.ScreenshotOptions()
                            .setPath(IMAGES.resolve(file))
                            .setAnimations(ScreenshotAnimations.DISABLED));
        }
    }
}
