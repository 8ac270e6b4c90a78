package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Asks the gate, and where it knows nothing of a tenant rebuilds that tenant's state from the ledger under a new epoch.
 *
 * <p>One rebuild per tenant at a time in this process; who finds one under way waits for it, briefly. Between processes it
 * is harmless: the last epoch that began is the one the ledger admits under. Thread-safe.
 */
final class Epochs {

    private static final long MAX_WAIT_MILLIS = 250;

    private final RateGate gate;
    private final Ledger ledger;
    private final Counter rebuilds;
    private final ConcurrentHashMap<String, ReentrantLock> rebuilding = new ConcurrentHashMap<>();

    Epochs(RateGate gate, Ledger ledger, MeterRegistry registry) {
        this.gate = gate;
        this.ledger = ledger;
        this.rebuilds = registry.counter("gateway.gate.rebuilds");
    }

    /** @throws StoreUnavailableException if gate or ledger did not answer */
    GateResult admit(UUID requestId, Principal principal, long tokens) {
        GateResult result = gate.admit(requestId, principal, tokens);
        if (!(result instanceof GateResult.Unknown)) {
            return result;
        }
        ReentrantLock lock = rebuilding.computeIfAbsent(principal.tenantId(), tenant -> new ReentrantLock());
        if (!tryLock(lock)) {
            return result;
        }
        try {
            GateResult meanwhile = gate.admit(requestId, principal, tokens);
            if (!(meanwhile instanceof GateResult.Unknown still)) {
                return meanwhile;
            }
            rebuilds.increment();
            gate.rebuild(principal.tenantId(), still.identity(), ledger.beginEpoch(principal.tenantId()));
        } finally {
            lock.unlock();
        }
        return gate.admit(requestId, principal, tokens);
    }

    /**
     * Rebuilds a tenant's state after the ledger found its epoch ended: begun elsewhere, but never arrived in this gate.
     *
     * @param identity of the gate that admitted under the old one
     */
    void renew(String tenantId, String identity) {
        ReentrantLock lock = rebuilding.computeIfAbsent(tenantId, tenant -> new ReentrantLock());
        if (!tryLock(lock)) {
            return;
        }
        try {
            rebuilds.increment();
            gate.rebuild(tenantId, identity, ledger.beginEpoch(tenantId));
        } finally {
            lock.unlock();
        }
    }

    private static boolean tryLock(ReentrantLock lock) {
        try {
            return lock.tryLock(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
