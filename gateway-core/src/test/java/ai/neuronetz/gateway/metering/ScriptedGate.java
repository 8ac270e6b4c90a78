package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A gate that answers as it was told to, in order; out of orders it admits under epoch 1. */
final class ScriptedGate implements RateGate {

    final Queue<Supplier<GateResult>> answers = new ConcurrentLinkedQueue<>();
    final Queue<RuntimeException> settleFailures = new ConcurrentLinkedQueue<>();
    final Queue<RuntimeException> rebuildFailures = new ConcurrentLinkedQueue<>();
    final List<UUID> open = new CopyOnWriteArrayList<>();
    final List<UUID> asked = new CopyOnWriteArrayList<>();

    private final List<String> events;

    /** @param events what was called, in order; shared with the ledger */
    ScriptedGate(List<String> events) {
        this.events = events;
    }

    static GateResult.Admitted admitted(long epoch) {
        return new GateResult.Admitted(epoch, "here", new RateStatus(null, null));
    }

    ScriptedGate then(GateResult result) {
        answers.add(() -> result);
        return this;
    }

    ScriptedGate thenUnavailable() {
        answers.add(() -> {
            throw new StoreUnavailableException("told to");
        });
        return this;
    }

    @Override
    public GateResult admit(UUID requestId, Principal principal, long tokens) {
        asked.add(requestId);
        events.add("gate.admit " + tokens);
        Supplier<GateResult> answer = answers.poll();
        return answer == null ? admitted(1) : answer.get();
    }

    @Override
    public void settle(UUID requestId, String tenantId, long charged) {
        close("gate.settle " + charged);
    }

    @Override
    public void release(UUID requestId, String tenantId) {
        close("gate.release");
    }

    private void close(String event) {
        RuntimeException failure = settleFailures.poll();
        events.add(event + (failure == null ? "" : " failed"));
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public Collection<String> openTenants() {
        return List.of("acme");
    }

    @Override
    public Collection<UUID> open(String tenantId, Duration atLeast) {
        return open;
    }

    @Override
    public void rebuild(String tenantId, String identity, Epoch epoch) {
        events.add("gate.rebuild " + identity + " " + epoch.number());
        RuntimeException failure = rebuildFailures.poll();
        if (failure != null) {
            throw failure;
        }
    }
}
