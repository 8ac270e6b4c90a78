package ai.neuronetz.gateway.redis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Reads scripts that only tests run. */
final class TestScripts {

    private TestScripts() {}

    static String withState(String file) {
        return read("state.lua") + read(file);
    }

    private static String read(String file) {
        try (InputStream in = Objects.requireNonNull(TestScripts.class.getResourceAsStream(file), file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
