package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.admin.Verification.Finding;
import ai.neuronetz.gateway.admin.Verification.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a verification has found; the first thousand in full. Not thread-safe. */
final class Findings {

    private static final int KEPT = 1_000;

    private final List<Finding> kept = new ArrayList<>();
    private long count;

    /** Where in the chain it is: a seal, and when what it covers was written. */
    record Place(
            @Nullable Long seal,
            @Nullable Instant from,
            @Nullable Instant to) {

        static final Place NOWHERE = new Place(null, null, null);

        @Override
        public String toString() {
            if (seal == null) {
                return "what is not sealed";
            }
            String begin = from == null ? "the beginning" : from.toString();
            return "seal " + seal + (to == null ? "" : " (" + begin + " to " + to + ")");
        }
    }

    void ofSeal(Kind kind, Place place, String text) {
        add(new Finding(kind, place.seal(), place.from(), place.to(), null, null, place + ": " + text));
    }

    void ofRow(Kind kind, Place place, String source, @Nullable String row, String text) {
        add(new Finding(
                kind, place.seal(), place.from(), place.to(), source, row, place + ", " + source + ": " + text));
    }

    private void add(Finding finding) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(finding);
        }
    }

    List<Finding> first() {
        return kept;
    }

    long count() {
        return count;
    }
}
