package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Rebuilds a tenant's state in the gate from the ledger, one rebuild per tenant at a time.
 *
 * <p>Each rebuild begins an epoch and so turns away what was admitted under the last one; a caller whose doubt is older
 * than the last rebuild therefore starts none. Other processes may rebuild at the same time: the ledger orders the epochs,
 * and the gate keeps the latest.
 */
final class GateRebuilds {

    private final RateGate gate;
    private final Ledger ledger;
    private final long maxWaitMillis;
    private final MeterCounters counters;
    private final ConcurrentMap<String, CompletableFuture<Boolean>> running = new ConcurrentHashMap<>();

    /** When, by {@link System#nanoTime}, the last rebuild of a tenant was done. */
    private final Cache<String, Long> done = Caffeine.newBuilder()
            .maximumSize(100_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    GateRebuilds(RateGate gate, Ledger ledger, Duration maxWait, MeterCounters counters) {
        this.gate = gate;
        this.ledger = ledger;
        this.maxWaitMillis = maxWait.toMillis();
        this.counters = counters;
    }

    /**
     * Rebuilds, or waits for the one that does.
     *
     * @param identity of the gate's process and history, as it gave it
     * @param askedAt by {@link System#nanoTime}, before the gate was asked
     * @return whether asking the gate again makes sense
     */
    boolean rebuild(String tenantId, String identity, long askedAt) {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> other = running.putIfAbsent(tenantId, mine);
        if (other != null) {
            return await(other);
        }
        boolean attempted = false;
        boolean rebuilt = false;
        try {
            Long last = done.getIfPresent(tenantId);
            if (last == null || last - askedAt < 0) {
                attempted = true;
                gate.rebuild(tenantId, identity, ledger.beginEpoch(tenantId));
                done.put(tenantId, System.nanoTime());
            }
            rebuilt = true;
            return true;
        } catch (StoreUnavailableException e) {
            return false;
        } finally {
            if (attempted) {
                counters.rebuilt(rebuilt);
            }
            running.remove(tenantId, mine);
            mine.complete(rebuilt);
        }
    }

    private boolean await(CompletableFuture<Boolean> other) {
        try {
            return other.get(maxWaitMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
