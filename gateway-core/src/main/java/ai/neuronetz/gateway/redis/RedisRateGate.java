package ai.neuronetz.gateway.redis;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.metering.RateStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Each decision is one script; see {@code state.lua} for what is stored and {@code admit.lua} for what is decided. */
final class RedisRateGate implements RateGate {

    /** For {@code settle.lua}. */
    private static final long NOT_ADMITTED = -1;

    /** Lua counts in doubles: whole numbers are exact up to here. */
    private static final long MAX_LIMIT = (1L << 53) - 1;

    /** So that thousands of open requests still add up exactly. */
    private static final long MAX_TOKENS = 1L << 40;

    private static final Pattern OPEN_KEY = Pattern.compile("gw:\\{(.*)}:r");

    private final RedisCalls calls;
    private final RedisScript admit;
    private final SlidingWindow window;

    RedisRateGate(RedisCalls calls) {
        this(calls, RedisScript.ADMIT, SlidingWindow.MINUTE);
    }

    RedisRateGate(RedisCalls calls, RedisScript admit, SlidingWindow window) {
        this.calls = calls;
        this.admit = admit;
        this.window = window;
    }

    @Override
    public GateResult admit(UUID requestId, Principal principal, long tokens) {
        if (tokens < 1 || tokens > MAX_TOKENS) {
            throw new IllegalArgumentException("tokens: " + tokens + " (expected: 1 to " + MAX_TOKENS + ")");
        }
        Limits tenant = principal.tenantLimits();
        Limits key = principal.keyLimits();
        List<Object> answer = calls.run(
                admit,
                keys(principal.tenantId()),
                requestId,
                principal.keyId(),
                tokens,
                window.slotMillis(),
                window.slots(),
                argument(tenant.requestsPerMinute()),
                argument(tenant.tokensPerMinute()),
                argument(tenant.concurrency()),
                argument(key.requestsPerMinute()),
                argument(key.tokensPerMinute()),
                argument(key.concurrency()));
        return result(answer, tenant, key);
    }

    @Override
    public void settle(UUID requestId, String tenantId, long charged) {
        if (charged < 0 || charged > MAX_TOKENS) {
            throw new IllegalArgumentException("charged: " + charged + " (expected: 0 to " + MAX_TOKENS + ")");
        }
        close(requestId, tenantId, charged);
    }

    @Override
    public void release(UUID requestId, String tenantId) {
        close(requestId, tenantId, NOT_ADMITTED);
    }

    private void close(UUID requestId, String tenantId, long charged) {
        calls.run(RedisScript.SETTLE, keys(tenantId), requestId, charged, window.slotMillis(), window.slots());
    }

    @Override
    public Collection<String> openTenants() {
        Set<String> tenants = new LinkedHashSet<>();
        for (String key : calls.scan("gw:{*}:r")) {
            Matcher matcher = OPEN_KEY.matcher(key);
            if (matcher.matches()) {
                tenants.add(matcher.group(1));
            }
        }
        return tenants;
    }

    @Override
    public Collection<UUID> open(String tenantId, Duration atLeast) {
        // A request may be listed twice while Redis moves its entries about.
        Set<UUID> requests = new LinkedHashSet<>();
        long slots = atLeast.toMillis() / window.slotMillis();
        String cursor = "0";
        do {
            List<Object> answer = calls.run(RedisScript.OPEN, keys(tenantId), cursor, window.slotMillis(), slots);
            answer.subList(1, answer.size()).forEach(id -> requests.add(UUID.fromString((String) id)));
            cursor = (String) answer.get(0);
        } while (!cursor.equals("0"));
        return requests;
    }

    @Override
    public void rebuild(String tenantId, String identity, Epoch epoch) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(requireNonNull(identity, "identity"));
        arguments.add(epoch.number());
        arguments.add(window.slotMillis());
        arguments.add(window.slots());
        arguments.addAll(RebuildArguments.of(epoch, window));
        calls.run(RedisScript.REBUILD, keys(tenantId), arguments.toArray());
    }

    private static GateResult result(List<Object> answer, Limits tenant, Limits key) {
        try {
            return switch ((String) answer.get(0)) {
                case "UNKNOWN" -> new GateResult.Unknown((String) answer.get(1));
                case "ADMITTED" ->
                    new GateResult.Admitted(
                            Long.parseLong((String) answer.get(1)),
                            (String) answer.get(2),
                            status(answer.subList(3, 11), tenant, key));
                case "REFUSED" -> {
                    long wait = (Long) answer.get(2);
                    yield new GateResult.Refused(
                            Limit.valueOf((String) answer.get(1)),
                            wait < 0 ? null : Duration.ofMillis(wait),
                            status(answer.subList(3, 11), tenant, key));
                }
                default -> throw new IllegalArgumentException();
            };
        } catch (RuntimeException e) {
            throw new StoreUnavailableException("Redis answered admit in an unknown form: is it a Redis of version 7?");
        }
    }

    private static RateStatus status(List<Object> counted, Limits tenant, Limits key) {
        return new RateStatus(
                narrower(room(tenant.requestsPerMinute(), counted, 0), room(key.requestsPerMinute(), counted, 4)),
                narrower(room(tenant.tokensPerMinute(), counted, 2), room(key.tokensPerMinute(), counted, 6)));
    }

    private static RateStatus.@Nullable Window room(@Nullable Long limit, List<Object> counted, int at) {
        if (limit == null) {
            return null;
        }
        long used = (Long) counted.get(at);
        return new RateStatus.Window(limit, Math.max(0, limit - used), (Long) counted.get(at + 1));
    }

    private static RateStatus.@Nullable Window narrower(
            RateStatus.@Nullable Window tenant, RateStatus.@Nullable Window key) {
        if (tenant == null || key == null) {
            return tenant == null ? key : tenant;
        }
        return key.remaining() <= tenant.remaining() ? key : tenant;
    }

    private static long argument(@Nullable Long limit) {
        return limit == null ? -1 : Math.min(limit, MAX_LIMIT);
    }

    /** Both keys carry the tenant as hash tag, so that a cluster keeps them on one node. */
    private static List<Object> keys(String tenantId) {
        return List.of("gw:{" + tenantId + "}:s", "gw:{" + tenantId + "}:r");
    }
}
