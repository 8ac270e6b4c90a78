package ai.neuronetz.gateway.prompts;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What became of prompts that were to be kept. All counters are there from the start, at 0. */
final class PromptCounters {

    /** Why one was not kept. */
    enum Drop {
        /** Too many wait. */
        QUEUE,
        /** The redactor threw or returned null. */
        REDACTOR_FAILED,
        /** The redactor took too long, or has not come back from an earlier text. */
        REDACTOR_LATE,
        /** The store did not take it. */
        STORE,
        /** The key was switched off meanwhile. */
        SWITCHED_OFF,
        /** The gateway stopped, or something that nobody foresaw. */
        OTHER
    }

    private final Counter stored;
    private final Map<Drop, Counter> dropped = new EnumMap<>(Drop.class);

    PromptCounters(MeterRegistry registry) {
        this.stored = Counter.builder("gateway.prompts.stored")
                .description("Exchanges whose prompt and answer were kept, redacted")
                .register(registry);
        for (Drop drop : Drop.values()) {
            dropped.put(
                    drop,
                    Counter.builder("gateway.prompts.dropped")
                            .description("Exchanges whose prompt and answer were to be kept and were not")
                            .tag("reason", drop.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    void stored() {
        stored.increment();
    }

    void dropped(Drop why) {
        Counter counter = dropped.get(why);
        if (counter != null) {
            counter.increment();
        }
    }
}
