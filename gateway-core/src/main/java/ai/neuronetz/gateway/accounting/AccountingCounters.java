package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.accounting.JudgedCount.Rejection;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What the accountant tells operators. All are there from the start, at 0; no label comes from outside. */
final class AccountingCounters {

    private final Map<Basis, Counter> settlements = new EnumMap<>(Basis.class);
    private final Map<Rejection, Counter> rejections = new EnumMap<>(Rejection.class);
    private final Counter violations;

    AccountingCounters(MeterRegistry registry) {
        for (Basis basis : Basis.values()) {
            settlements.put(
                    basis,
                    Counter.builder("gateway.accounting.settlements")
                            .description("Settled requests, by where the charged number came from")
                            .tag("basis", label(basis))
                            .register(registry));
        }
        for (Rejection rejection : Rejection.values()) {
            rejections.put(
                    rejection,
                    Counter.builder("gateway.accounting.counts.rejected")
                            .description("Counts of complete answers that were not believed")
                            .tag("kind", label(rejection))
                            .register(registry));
        }
        this.violations = Counter.builder("gateway.accounting.bound.violations")
                .description("Requests whose input was more tokens than the bound that was reserved")
                .register(registry);
    }

    void settled(Basis basis) {
        increment(settlements, basis);
    }

    void rejected(JudgedCount count) {
        Rejection rejection = count.rejection();
        if (rejection != null) {
            increment(rejections, rejection);
        }
    }

    void violation() {
        violations.increment();
    }

    private static <K> void increment(Map<K, Counter> counters, K which) {
        Counter counter = counters.get(which);
        if (counter != null) {
            counter.increment();
        }
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
