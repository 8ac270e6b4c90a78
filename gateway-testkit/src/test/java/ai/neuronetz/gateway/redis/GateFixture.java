package ai.neuronetz.gateway.redis;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One tenant at one gate, and a way to look at what Redis holds of it. */
final class GateFixture {

    static final KeyId KEY = new KeyId("AAAAAAAAAAAA");
    static final KeyId OTHER_KEY = new KeyId("BBBBBBBBBBBB");

    final String tenant;
    final RateGate gate;
    private final RedisCalls calls;

    GateFixture(RedisStores stores, SlidingWindow window) {
        this(stores, RedisScript.ADMIT, window);
    }

    GateFixture(RedisStores stores, RedisScript admit, SlidingWindow window) {
        this(stores, admit, window, "t" + UUID.randomUUID());
    }

    GateFixture(RedisStores stores, RedisScript admit, SlidingWindow window, String tenant) {
        this.tenant = tenant;
        this.calls = stores.calls();
        this.gate = new RedisRateGate(calls, admit, window);
    }

    static Limits limits(@Nullable Long requests, @Nullable Long tokens, @Nullable Long concurrency) {
        return new Limits(requests, tokens, concurrency, null, null, null);
    }

    Principal principal(Limits tenantLimits, Limits keyLimits) {
        return principal(KEY, tenantLimits, keyLimits);
    }

    Principal principal(KeyId key, Limits tenantLimits, Limits keyLimits) {
        return new Principal(tenant, key, ModelPolicy.none(), keyLimits, tenantLimits, null, 1);
    }

    /** As a caller does: the state is unknown, so it is rebuilt, here from an empty ledger. */
    void begin(long epoch) {
        begin(new Epoch(epoch, List.of(), List.of(), List.of()));
    }

    void begin(Epoch epoch) {
        gate.rebuild(tenant, identity(), epoch);
    }

    /** A busy machine may make a call late; it is idempotent, so it is made again. */
    GateResult admit(UUID requestId, Principal principal, long tokens) {
        return patiently(() -> gate.admit(requestId, principal, tokens));
    }

    GateResult admit(Principal principal, long tokens) {
        return admit(UUID.randomUUID(), principal, tokens);
    }

    void settle(UUID requestId, long charged) {
        patiently(() -> {
            gate.settle(requestId, tenant, charged);
            return true;
        });
    }

    String identity() {
        return (String) redis("return {redis.call('INFO', 'server'):match('run_id:(%w+)') .. ':' .."
                        + " redis.call('INFO', 'replication'):match('master_replid:(%w+)')}")
                .get(0);
    }

    /** Fields and values of both hashes, in order. */
    List<Object> dump() {
        return redis("local all = {} for _, key in ipairs(KEYS) do local hash = redis.call('HGETALL', key)"
                + " local lines = {} for i = 1, #hash, 2 do lines[#lines + 1] = hash[i] .. ' ' .. hash[i + 1] end"
                + " table.sort(lines) for _, line in ipairs(lines) do all[#all + 1] = line end end return all");
    }

    List<Object> redis(String lua, Object... arguments) {
        List<Object> keys = List.of("gw:{" + tenant + "}:s", "gw:{" + tenant + "}:r");
        return patiently(() -> calls.run(new RedisScript("test", lua), keys, arguments));
    }

    private static <T> T patiently(Supplier<T> call) {
        for (int attempt = 0; ; attempt++) {
            try {
                return call.get();
            } catch (StoreUnavailableException e) {
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }
}
