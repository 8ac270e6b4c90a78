package ai.neuronetz.gateway.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Asks a gate for one tenant without limits, and keeps how long each answer took. */
final class GateClient {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    final GateFixture fixture;
    private final Principal principal;
    private final List<Long> millis = new ArrayList<>();

    GateClient(RedisStores stores) {
        this(stores, "t" + UUID.randomUUID());
    }

    GateClient(RedisStores stores, String tenant) {
        this.fixture = new GateFixture(stores, RedisScript.ADMIT, SlidingWindow.MINUTE, tenant);
        this.principal = fixture.principal(Limits.none(), Limits.none());
    }

    /** The key by which a cluster finds the tenant's node. */
    String key() {
        return "gw:{" + fixture.tenant + "}:s";
    }

    /** Whether the gate admits; not if it does not know the tenant, or does not answer. */
    boolean admits() {
        return ask() instanceof Answered answered && answered.result() instanceof GateResult.Admitted;
    }

    boolean denies() {
        return ask() instanceof Unavailable;
    }

    boolean knowsNothing() {
        return ask() instanceof Answered answered && answered.result() instanceof GateResult.Unknown;
    }

    /** As the meter does it, from an empty ledger. */
    void rebuild(long epoch) {
        await(() -> {
            try {
                fixture.begin(epoch);
                return admits();
            } catch (StoreUnavailableException e) {
                return false;
            }
        });
    }

    private sealed interface Outcome {}

    private record Answered(GateResult result) implements Outcome {}

    private record Unavailable() implements Outcome {}

    private Outcome ask() {
        long began = System.nanoTime();
        try {
            return new Answered(fixture.gate.admit(UUID.randomUUID(), principal, 1));
        } catch (StoreUnavailableException e) {
            return new Unavailable();
        } finally {
            millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
        }
    }

    /** All answers came in time; a few that a busy machine made late are not held against the gate. */
    void assertInTime() {
        List<Long> sorted = millis.stream().sorted().toList();
        assertThat(sorted.get(sorted.size() * 9 / 10)).as("nine of ten, ms").isLessThanOrEqualTo(300);
        assertThat(sorted.get(sorted.size() - 1)).as("longest, ms").isLessThan(3000);
    }

    static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(until);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }
}
