package ai.neuronetz.gateway.redis;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.KeysScanOptions;
import org.redisson.client.codec.StringCodec;

/**
 * Runs scripts, once each and within a deadline; whatever else happens is a {@link StoreUnavailableException}.
 *
 * <p>Thread-safe. At most {@value #MAX_IN_FLIGHT} calls are under way; one more fails at once, so that no queue builds up in
 * front of a Redis that hangs.
 */
final class RedisCalls {

    /** The client's own time-out was seen to come late under load, so this one is set beside it. */
    static final long DEADLINE_MILLIS = 230;

    static final int MAX_IN_FLIGHT = 256;

    private static final Pattern ERROR_CODE = Pattern.compile("^[A-Z]{2,20}(?= )");

    private final RedissonClient redisson;
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private final Counter timeouts;
    private final Counter refusals;
    private final Counter errors;
    private volatile boolean connected;

    RedisCalls(RedissonClient redisson, MeterRegistry registry) {
        this.redisson = redisson;
        this.timeouts = failures(registry, "timeout");
        this.refusals = failures(registry, "busy");
        this.errors = failures(registry, "error");
    }

    /**
     * Runs a script on the master that holds the keys.
     *
     * @param keys at least one; all of one hash tag
     * @throws StoreUnavailableException if there was no answer, or an error; the script may have run
     */
    List<Object> run(RedisScript script, List<Object> keys, Object... arguments) {
        // The client's first call connects on the thread that makes it, without regard to the deadline.
        if (!connected) {
            errors.increment();
            throw new StoreUnavailableException("Redis was never reached: check REDIS_URL and that the server runs");
        }
        return await(script, keys, arguments);
    }

    /**
     * Finds keys, on all masters; each part of the answer has the client's own time-out.
     *
     * @throws StoreUnavailableException if some may be missing
     */
    List<String> scan(String pattern) {
        if (!connected) {
            throw new StoreUnavailableException("Redis was never reached: check REDIS_URL and that the server runs");
        }
        try {
            List<String> keys = new ArrayList<>();
            redisson.getKeys()
                    .getKeys(KeysScanOptions.defaults().pattern(pattern).chunkSize(1000))
                    .forEach(keys::add);
            return keys;
        } catch (RuntimeException e) {
            throw failed("scan", e);
        } finally {
            NettyTraces.remove();
        }
    }

    /** Connects if need be; takes longer than the deadline if Redis is away. */
    void probe(List<Object> keys) {
        await(RedisScript.PROBE, keys);
        connected = true;
    }

    private List<Object> await(RedisScript script, List<Object> keys, Object... arguments) {
        if (!inFlight.tryAcquire()) {
            refusals.increment();
            throw new StoreUnavailableException("Redis is behind: " + MAX_IN_FLIGHT + " calls wait for it already");
        }
        CompletableFuture<List<Object>> answer = start(script, keys, arguments);
        try {
            return answer.get(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            timeouts.increment();
            throw new StoreUnavailableException(
                    "Redis did not answer " + script.name() + " within " + DEADLINE_MILLIS + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while waiting for Redis to answer " + script.name());
        } catch (ExecutionException | CancellationException e) {
            throw failed(script.name(), e.getCause() == null ? e : e.getCause());
        } finally {
            answer.cancel(false);
            NettyTraces.remove();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what depends on the answer only gives a permit back
    private CompletableFuture<List<Object>> start(RedisScript script, List<Object> keys, Object... arguments) {
        CompletableFuture<List<Object>> answer;
        try {
            answer = redisson.getScript(StringCodec.INSTANCE)
                    .<List<Object>>evalAsync(
                            (String) keys.get(0),
                            RScript.Mode.READ_WRITE,
                            script.text(),
                            RScript.ReturnType.LIST,
                            keys,
                            arguments)
                    .toCompletableFuture();
        } catch (RuntimeException e) {
            inFlight.release();
            throw failed(script.name(), e);
        }
        // Not when the caller gives up: until the client has let go of the command it still takes up room.
        answer.whenComplete((ignored, failure) -> inFlight.release());
        return answer;
    }

    /** Leaves the cause out, because the client writes the command's arguments into its messages. */
    private StoreUnavailableException failed(String command, Throwable cause) {
        errors.increment();
        Matcher code = ERROR_CODE.matcher(String.valueOf(cause.getMessage()));
        return new StoreUnavailableException("Redis did not run " + command + ": "
                + cause.getClass().getSimpleName() + (code.find() ? " " + code.group() : "")
                + "; check that it runs, its log, and what its ACL permits");
    }

    private static Counter failures(MeterRegistry registry, String kind) {
        return Counter.builder("gateway.redis.failures")
                .description("Calls to Redis without a sensible answer")
                .tag("kind", kind)
                .register(registry);
    }
}
