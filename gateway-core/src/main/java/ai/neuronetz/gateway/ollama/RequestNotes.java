package ai.neuronetz.gateway.ollama;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What is noted while a request is read: what it lost on the way, and how many tokens its input can become. */
final class RequestNotes {

    private static final int MAX_NAMES = 20;

    private final Set<String> adjusted = new LinkedHashSet<>();
    private long inputBound;

    /** A field was dropped, stripped or clamped. */
    void dropped(String name) {
        if (adjusted.size() < MAX_NAMES) {
            adjusted.add(name);
        }
    }

    void addInput(long tokens) {
        inputBound += tokens;
    }

    long inputBound() {
        return inputBound;
    }

    List<String> adjusted() {
        return List.copyOf(adjusted);
    }
}
