package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A ledger that answers as it was told to, in order; out of orders it admits without a budget. */
final class ScriptedLedger implements Ledger {

    final Queue<Supplier<Entry>> answers = new ConcurrentLinkedQueue<>();
    final List<Fate> fates = new CopyOnWriteArrayList<>();
    final AtomicLong epoch = new AtomicLong();
    volatile boolean accepting = true;
    volatile Runnable onBeginEpoch = () -> {};
    volatile Runnable onVoid = () -> {};

    private final List<String> events;

    ScriptedLedger(List<String> events) {
        this.events = events;
    }

    ScriptedLedger then(Entry entry) {
        answers.add(() -> entry);
        return this;
    }

    ScriptedLedger thenThrow(RuntimeException failure) {
        answers.add(() -> {
            throw failure;
        });
        return this;
    }

    ScriptedLedger thenUnavailable() {
        return thenThrow(new StoreUnavailableException("told to"));
    }

    @Override
    public Entry admit(Admission admission) {
        events.add("ledger.admit " + admission.epoch());
        Supplier<Entry> answer = answers.poll();
        return answer == null ? new Entry.Admitted(null) : answer.get();
    }

    @Override
    public void voidAdmission(UUID requestId, String tenantId) {
        events.add("ledger.void");
        onVoid.run();
    }

    @Override
    public void settle(UUID requestId, String tenantId, Settlement settlement) {
        events.add("ledger.settle " + settlement.charged());
    }

    @Override
    public List<Fate> resolve(Collection<UUID> requestIds) {
        events.add("ledger.resolve " + requestIds.size());
        return requestIds.stream()
                .flatMap(id -> fates.stream().filter(fate -> fate.requestId().equals(id)))
                .toList();
    }

    @Override
    public Epoch beginEpoch(String tenantId) {
        events.add("ledger.beginEpoch");
        onBeginEpoch.run();
        return new Epoch(epoch.incrementAndGet(), List.of(), List.of(), List.of());
    }

    @Override
    public boolean accepting() {
        return accepting;
    }
}
