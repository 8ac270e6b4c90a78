package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** What the meter counts. Labels are constants of the code: no tenant, no key. */
final class MeterCounters {

    private final Counter reserved;
    private final Counter outdated;
    private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);
    private final Counter unknown;
    private final Counter rebuilt;
    private final Counter notRebuilt;
    private final Counter returnRetried;
    private final Counter returnDropped;
    private final Counter reconciled;

    MeterCounters(MeterRegistry registry) {
        this.reserved = decision(registry, "reserved");
        this.outdated = decision(registry, "outdated");
        for (Reason reason : Reason.values()) {
            refused.put(reason, decision(registry, reason.code()));
        }
        this.unknown = Counter.builder("gateway.gate.unknown")
                .description("Answers of the gate that a tenant's state is absent, torn or of another process")
                .register(registry);
        this.rebuilt = rebuilds(registry, "done");
        this.notRebuilt = rebuilds(registry, "failed");
        this.returnRetried = returns(registry, "retried");
        this.returnDropped = returns(registry, "dropped");
        this.reconciled = Counter.builder("gateway.gate.reconciled")
                .description("Places that nobody gave back and the ledger said were free")
                .register(registry);
    }

    void reserved() {
        reserved.increment();
    }

    void outdated() {
        outdated.increment();
    }

    void refused(Reason reason) {
        Counter counter = refused.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    void unknown() {
        unknown.increment();
    }

    void rebuilt(boolean done) {
        (done ? rebuilt : notRebuilt).increment();
    }

    void returnRetried() {
        returnRetried.increment();
    }

    void returnDropped() {
        returnDropped.increment();
    }

    void reconciled() {
        reconciled.increment();
    }

    private static Counter decision(MeterRegistry registry, String outcome) {
        return Counter.builder("gateway.meter.decisions")
                .description("Decisions of the meter, by the code of the answer")
                .tag("outcome", outcome)
                .register(registry);
    }

    private static Counter rebuilds(MeterRegistry registry, String outcome) {
        return Counter.builder("gateway.gate.rebuilds")
                .description("Rebuilds of a tenant's state in the gate from the ledger")
                .tag("outcome", outcome)
                .register(registry);
    }

    private static Counter returns(MeterRegistry registry, String outcome) {
        return Counter.builder("gateway.gate.returns")
                .description("Places the gate did not take back at once, or not at all")
                .tag("outcome", outcome)
                .register(registry);
    }
}
