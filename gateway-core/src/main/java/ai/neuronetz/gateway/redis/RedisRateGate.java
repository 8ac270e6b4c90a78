package ai.neuronetz.gateway.redis;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.metering.RateStatus;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RScript.ReturnType;

/**
 * The gate in Redis. All of a tenant's state has one hash tag, so that it lies in one slot of a cluster.
 *
 * <p>Source of the algorithm: the comments of {@code admit.lua}.
 */
final class RedisRateGate implements RateGate {

    private static final int NO_LIMIT = -1;
    private static final int NEVER_ASKED = -1;
    private static final int SLOTS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RedisScripts scripts;
    private final long windowMillis;
    private final String admit;
    private final String settle = RedisScripts.load("settle.lua");
    private final String rebuild = RedisScripts.load("rebuild.lua");

    RedisRateGate(RedisScripts scripts) {
        this(scripts, Duration.ofMinutes(1), RedisScripts.load("admit.lua"));
    }

    /** With another window and script, for tests. */
    RedisRateGate(RedisScripts scripts, Duration window, String admit) {
        this.scripts = scripts;
        this.windowMillis = window.toMillis();
        this.admit = admit;
    }

    @Override
    public GateResult admit(UUID requestId, Principal principal, long tokens) {
        Limits key = principal.keyLimits();
        Limits tenant = principal.tenantLimits();
        List<Object> reply = scripts.run(
                admit,
                ReturnType.LIST,
                keys(principal.tenantId()),
                requestId.toString(),
                principal.keyId().value(),
                Long.toString(tokens),
                text(key.requestsPerMinute()),
                text(tenant.requestsPerMinute()),
                text(key.tokensPerMinute()),
                text(tenant.tokensPerMinute()),
                text(key.concurrency()),
                text(tenant.concurrency()),
                Long.toString(windowMillis),
                Integer.toString(SLOTS));
        String verdict = String.valueOf(reply.get(0));
        if (verdict.equals("UNKNOWN")) {
            return new GateResult.Unknown(String.valueOf(reply.get(1)));
        }
        long wait = number(reply, 3);
        long reset = verdict.equals("ADMITTED") || wait < 0 ? windowMillis : wait;
        RateStatus status = new RateStatus(
                tighter(
                        window(tenant.requestsPerMinute(), number(reply, 4), reset),
                        window(key.requestsPerMinute(), number(reply, 5), reset)),
                tighter(
                        window(tenant.tokensPerMinute(), number(reply, 6), reset),
                        window(key.tokensPerMinute(), number(reply, 7), reset)));
        return switch (verdict) {
            case "ADMITTED" -> new GateResult.Admitted(number(reply, 1), String.valueOf(reply.get(8)), status);
            case "REFUSED" ->
                new GateResult.Refused(
                        Limit.valueOf(String.valueOf(reply.get(2))),
                        wait < 0 ? null : Duration.ofMillis(Math.max(1, wait)),
                        status);
            default -> throw new StoreUnavailableException("Redis: unexpected verdict");
        };
    }

    @Override
    public void settle(UUID requestId, String tenantId, long charged) {
        close(requestId, tenantId, charged);
    }

    @Override
    public void release(UUID requestId, String tenantId) {
        close(requestId, tenantId, NEVER_ASKED);
    }

    private void close(UUID requestId, String tenantId, long charged) {
        scripts.<Long>run(
                settle,
                ReturnType.LONG,
                keys(tenantId),
                requestId.toString(),
                Long.toString(charged),
                Long.toString(windowMillis),
                Integer.toString(SLOTS));
    }

    @Override
    public void rebuild(String tenantId, String identity, Epoch epoch) {
        scripts.<String>run(
                rebuild,
                ReturnType.VALUE,
                keys(tenantId),
                json(epoch),
                identity,
                Long.toString(windowMillis),
                Integer.toString(SLOTS));
    }

    private static String json(Epoch epoch) {
        try {
            return JSON.writeValueAsString(Map.of(
                    "number",
                    epoch.number(),
                    "open",
                    epoch.open().stream()
                            .map(open -> List.of(
                                    open.requestId().toString(), open.keyId().value(), open.tokens()))
                            .toList(),
                    "settled",
                    epoch.settled().stream()
                            .map(settled -> List.of(settled.keyId().value(), settled.charged(), settled.ageMillis()))
                            .toList(),
                    "admitted",
                    epoch.admitted().stream()
                            .map(admitted -> List.of(admitted.keyId().value(), admitted.ageMillis()))
                            .toList()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an epoch could not be written as JSON", e);
        }
    }

    private static List<Object> keys(String tenantId) {
        String tag = "gw:{" + tenantId + "}:";
        return List.of(tag + "s", tag + "r");
    }

    private static String text(@Nullable Long limit) {
        return Long.toString(limit == null ? NO_LIMIT : limit);
    }

    private static long number(List<Object> reply, int index) {
        return reply.get(index) instanceof Number number
                ? number.longValue()
                : Long.parseLong(String.valueOf(reply.get(index)));
    }

    private static RateStatus.@Nullable Window window(@Nullable Long limit, long used, long resetMillis) {
        return limit == null || used < 0 ? null : new RateStatus.Window(limit, Math.max(0, limit - used), resetMillis);
    }

    private static RateStatus.@Nullable Window tighter(RateStatus.@Nullable Window a, RateStatus.@Nullable Window b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.remaining() <= b.remaining() ? a : b;
    }
}
