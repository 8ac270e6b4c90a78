package ai.neuronetz.gateway.chaos;

import java.util.Collection;
import java.util.UUID;
import java.util.stream.Collectors;

/** A promise that was not kept: which one, the numbers, and the requests it is about. */
record Violation(String invariant, String text) {

    private static final int SHOWN = 12;

    static Violation of(String invariant, String text, Collection<UUID> requests) {
        String shown = requests.stream().limit(SHOWN).map(UUID::toString).collect(Collectors.joining(" "));
        String more = requests.size() > SHOWN ? " and " + (requests.size() - SHOWN) + " more" : "";
        return new Violation(invariant, text + (requests.isEmpty() ? "" : ": " + shown + more));
    }

    @Override
    public String toString() {
        return invariant + " " + text;
    }
}
