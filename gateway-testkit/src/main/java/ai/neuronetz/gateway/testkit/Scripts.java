package ai.neuronetz.gateway.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/** The script for all requests, and what rules change of it for some. Thread-safe. */
final class Scripts {

    /** What one rule changes, and for which requests and how many of them. All fields guarded by the {@link Scripts}. */
    static final class Entry {
        private final BiPredicate<ReceivedRequest, String> matches;
        private Consumer<Script> changes = script -> {};
        private boolean limited;
        private int left;

        Entry(BiPredicate<ReceivedRequest, String> matches) {
            this.matches = matches;
        }
    }

    // Guarded by this.
    private Script forAll = new Script();
    private final List<Entry> entries = new ArrayList<>();

    synchronized void reset(Script script) {
        entries.clear();
        forAll = script;
    }

    synchronized void change(Consumer<Script> change) {
        forAll = forAll.with(change);
    }

    synchronized Entry add(BiPredicate<ReceivedRequest, String> matches) {
        Entry entry = new Entry(matches);
        entries.add(entry);
        return entry;
    }

    synchronized void change(Entry entry, Consumer<Script> change) {
        entry.changes = entry.changes.andThen(change);
    }

    synchronized void limit(Entry entry, int times) {
        if (times < 1) {
            throw new IllegalArgumentException("times: " + times + " (expected: >= 1)");
        }
        entry.limited = true;
        entry.left = times;
    }

    /** Takes the request off the rule that it uses, where that one counts. */
    synchronized Script of(ReceivedRequest request, String model) {
        Entry chosen = null;
        for (Entry entry : entries) {
            if (entry.limited && entry.left > 0 && entry.matches.test(request, model)) {
                entry.left--;
                return forAll.with(entry.changes);
            }
            if (!entry.limited && entry.matches.test(request, model)) {
                chosen = entry;
            }
        }
        return chosen == null ? forAll : forAll.with(chosen.changes);
    }
}
