package ai.neuronetz.gateway.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A Lua script, sent whole once and by its SHA-1 from then on.
 *
 * @param name for the log
 */
record RedisScript(String name, String text) {

    static final RedisScript ADMIT = withState("admit");
    static final RedisScript SETTLE = withState("settle");
    static final RedisScript REBUILD = withState("rebuild");
    static final RedisScript OPEN = withState("open");
    static final RedisScript FAILURES = new RedisScript("failures", read("failures.lua"));
    static final RedisScript PROBE = new RedisScript("probe", read("probe.lua"));
    static final RedisScript EXAMINE = new RedisScript("examine", read("examine.lua"));

    private static RedisScript withState(String name) {
        return new RedisScript(name, read("state.lua") + read(name + ".lua"));
    }

    private static String read(String file) {
        try (InputStream in = RedisScript.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing from the gateway's jar: build or install it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
