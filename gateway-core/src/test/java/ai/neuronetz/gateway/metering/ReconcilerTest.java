package ai.neuronetz.gateway.metering;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.metering.Ledger.Fate;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ReconcilerTest {

    private final List<String> events = new CopyOnWriteArrayList<>();
    private final ScriptedGate gate = new ScriptedGate(events);
    private final ScriptedLedger ledger = new ScriptedLedger(events);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void what_the_ledger_never_admitted_is_freed_only_after_the_ledger_has_said_so() {
        holds(Fate.NeverAdmitted::new);

        reconcile();

        assertThat(events).containsExactly("ledger.resolve 1", "gate.release");
        assertThat(registry.counter("gateway.gate.reconciled").count()).isEqualTo(1);
    }

    @Test
    void what_was_settled_is_freed_with_its_charge_so_that_it_counts_in_its_minute() {
        holds(id -> new Fate.Settled(id, 42));

        reconcile();

        assertThat(events).containsExactly("ledger.resolve 1", "gate.settle 42");
    }

    @Test
    void what_is_open_in_the_ledger_keeps_its_place() {
        holds(Fate.Open::new);

        reconcile();

        assertThat(events).containsExactly("ledger.resolve 1");
    }

    @Test
    void what_the_ledger_says_nothing_about_keeps_its_place() {
        gate.open.add(UUID.randomUUID());

        reconcile();

        assertThat(events).containsExactly("ledger.resolve 1");
    }

    private void holds(java.util.function.Function<UUID, Fate> fate) {
        UUID id = UUID.randomUUID();
        gate.open.add(id);
        ledger.fates.add(fate.apply(id));
    }

    private void reconcile() {
        try (Reconciler reconciler = new Reconciler(gate, ledger, new MeterCounters(registry))) {
            reconciler.reconcile("acme");
        }
    }
}
