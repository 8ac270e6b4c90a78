package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.servlet.Playground;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Reads the playground's page once, at the start: what is served cannot change afterwards. */
final class PlaygroundFile {

    private static final String IN_JAR = "/playground/index.html";

    private PlaygroundFile() {}

    /** @throws ConfigurationException if the file of {@code PLAYGROUND_FILE} cannot be served */
    static Playground read(Settings settings) {
        if (!settings.bool(Setting.PLAYGROUND_ENABLED)) {
            return Playground.NONE;
        }
        String file = settings.find(Setting.PLAYGROUND_FILE).orElse(null);
        if (file == null) {
            return Playground.of(inJar());
        }
        try {
            return Playground.of(Files.readString(Path.of(file)));
        } catch (IOException | InvalidPathException e) {
            throw new ConfigurationException(
                    "PLAYGROUND_FILE: " + file + " (expected: a file in UTF-8 that can be read)");
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("PLAYGROUND_FILE: " + file + " (" + e.getMessage() + ")");
        }
    }

    private static String inJar() {
        try (InputStream page = PlaygroundFile.class.getResourceAsStream(IN_JAR)) {
            if (page == null) {
                throw new IllegalStateException("the jar was built without " + IN_JAR);
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
