package ai.neuronetz.gateway.testkit.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one check found to be wrong so far. */
final class Findings {

    private static final int SHOWN = 5;

    private final List<String> wrong = new ArrayList<>();
    private int looked;

    Findings expect(boolean right, String otherwise) {
        looked++;
        if (!right) {
            wrong.add(otherwise);
        }
        return this;
    }

    Findings status(String asked, Reply reply, int... expected) {
        boolean right = Arrays.stream(expected).anyMatch(status -> status == reply.status());
        return expect(right, asked + " was answered " + reply + ", not " + either(expected));
    }

    /** Passed if there was something to look at and nothing of it was wrong. */
    Outcome outcome(String seen) {
        if (wrong.isEmpty()) {
            return looked > 0 ? new Outcome.Passed(seen) : new Outcome.Failed("nothing was looked at");
        }
        String more = wrong.size() > SHOWN ? "; and " + (wrong.size() - SHOWN) + " more" : "";
        return new Outcome.Failed(String.join("; ", wrong.subList(0, Math.min(SHOWN, wrong.size()))) + more);
    }

    private static String either(int... statuses) {
        return String.join(
                " or ", Arrays.stream(statuses).mapToObj(String::valueOf).toList());
    }
}
