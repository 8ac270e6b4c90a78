package ai.neuronetz.gateway.redis;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.redisson.api.RFuture;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/**
 * Runs Lua scripts with a deadline of its own, once, and bounds how many wait.
 *
 * <p>The client's own time-out is a little shorter but is kept less exactly. Thread-safe.
 */
final class RedisScripts {

    static final Duration DEADLINE = Duration.ofMillis(230);
    private static final int MAX_IN_FLIGHT = 512;

    private final RScript script;
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);

    RedisScripts(RedissonClient client) {
        this.script = client.getScript(StringCodec.INSTANCE);
    }

    static String load(String name) {
        try (InputStream in = RedisScripts.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the script " + name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws StoreUnavailableException if there is no answer in time, or it is an error */
    <T> T run(String lua, RScript.ReturnType type, List<Object> keys, Object... values) {
        if (!inFlight.tryAcquire()) {
            throw new StoreUnavailableException("Redis: " + MAX_IN_FLIGHT + " calls wait already");
        }
        try {
            RFuture<T> answer = script.evalAsync(RScript.Mode.READ_WRITE, lua, type, keys, values);
            return answer.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new StoreUnavailableException("Redis did not answer within " + DEADLINE.toMillis() + " ms", e);
        } catch (ExecutionException | RuntimeException e) {
            throw new StoreUnavailableException("Redis: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while Redis was asked", e);
        } finally {
            inFlight.release();
        }
    }
}
