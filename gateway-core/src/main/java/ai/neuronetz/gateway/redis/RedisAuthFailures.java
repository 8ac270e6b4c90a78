package ai.neuronetz.gateway.redis;

import ai.neuronetz.gateway.identity.AuthFailures;
import java.time.Duration;
import java.util.List;
import org.redisson.api.RScript.ReturnType;

/** Failed authentications per source, shared by all replicas. */
final class RedisAuthFailures implements AuthFailures {

    private final RedisScripts scripts;
    private final int perMinute;
    private final String lua = RedisScripts.load("failures.lua");

    RedisAuthFailures(RedisScripts scripts, int perMinute) {
        this.scripts = scripts;
        this.perMinute = perMinute;
    }

    @Override
    public Duration barredFor(String source) {
        return ask(source, "0");
    }

    @Override
    public Duration record(String source) {
        return ask(source, "1");
    }

    private Duration ask(String source, String count) {
        Long millis = scripts.run(
                lua, ReturnType.LONG, List.of("gw:af:{" + source + "}"), Integer.toString(perMinute), count);
        return Duration.ofMillis(millis);
    }
}
