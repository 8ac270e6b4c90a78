package ai.neuronetz.gateway.redis;

import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Epoch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes an epoch as {@code rebuild.lua} reads it: sums per key and slot instead of every settlement. */
final class RebuildArguments {

    /** Oldest slot first, because a window is written in that order. */
    private static final Comparator<Cell> OLDEST_FIRST = Comparator.comparingLong(Cell::age)
            .reversed()
            .thenComparing(cell -> cell.keyId().value());

    private RebuildArguments() {}

    static List<Object> of(Epoch epoch, SlidingWindow window) {
        Map<Cell, Long> charges = new TreeMap<>(OLDEST_FIRST);
        for (Epoch.Settled settled : epoch.settled()) {
            add(charges, settled.keyId(), settled.ageMillis(), settled.charged(), window);
        }
        Map<Cell, Long> admissions = new TreeMap<>(OLDEST_FIRST);
        for (Epoch.Admitted admitted : epoch.admitted()) {
            add(admissions, admitted.keyId(), admitted.ageMillis(), 1, window);
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add(epoch.open().size());
        arguments.add(charges.size());
        arguments.add(admissions.size());
        for (Epoch.Open open : epoch.open()) {
            arguments.addAll(List.of(open.requestId(), open.keyId(), open.tokens()));
        }
        for (Map<Cell, Long> counts : List.of(charges, admissions)) {
            counts.forEach((cell, count) -> arguments.addAll(List.of(cell.keyId(), cell.age(), count)));
        }
        return arguments;
    }

    private static void add(Map<Cell, Long> counts, KeyId keyId, long ageMillis, long count, SlidingWindow window) {
        // Rounded down, which is towards younger, which is towards denying. A negative age is a clock set back.
        long age = Math.max(0, ageMillis) / window.slotMillis();
        if (count > 0 && age <= window.slots() + 1) {
            counts.merge(new Cell(keyId, age), count, Math::addExact);
        }
    }

    /** @param age in whole slots */
    private record Cell(KeyId keyId, long age) {}
}
