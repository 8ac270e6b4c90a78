package ai.neuronetz.gateway.testkit.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** All that was found, to be printed. */
record Report(List<Line> lines) {

    private static final int NAME_WIDTH = 68;
    private static final int LONGEST = 600;

    /** The verdict on one check. */
    enum Verdict {
        PASS,
        FAIL,
        SKIP
    }

    record Line(String name, Verdict verdict, String seen, String guarantee) {}

    /** No key is ever part of it, and nothing that a terminal would obey. */
    static Line line(Check check, Outcome outcome, Keys keys) {
        Verdict verdict = outcome instanceof Outcome.Passed
                ? Verdict.PASS
                : outcome instanceof Outcome.Failed ? Verdict.FAIL : Verdict.SKIP;
        String seen = keys.redact(outcome.seen()).replaceAll("[\\p{Cc}\\p{Cf}]+", " ");
        seen = seen.length() > LONGEST ? seen.substring(0, LONGEST) + "..." : seen;
        return new Line(check.name(), verdict, seen, check.guarantee());
    }

    long failures() {
        return count(Verdict.FAIL);
    }

    String table() {
        StringBuilder table = new StringBuilder();
        String format = "%-" + NAME_WIDTH + "s %-4s  %s [%s]%n";
        for (Line line : lines) {
            table.append(
                    String.format(Locale.ROOT, format, line.name(), line.verdict(), line.seen(), line.guarantee()));
        }
        return table.append(String.format(
                        Locale.ROOT,
                        "%n%d passed, %d failed, %d skipped%n",
                        count(Verdict.PASS),
                        count(Verdict.FAIL),
                        count(Verdict.SKIP)))
                .toString();
    }

    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("passed", count(Verdict.PASS));
        root.put("failed", count(Verdict.FAIL));
        root.put("skipped", count(Verdict.SKIP));
        ArrayNode checks = root.putArray("checks");
        for (Line line : lines) {
            checks.addObject()
                    .put("name", line.name())
                    .put("verdict", line.verdict().name())
                    .put("seen", line.seen())
                    .put("guarantee", line.guarantee());
        }
        return root.toPrettyString() + System.lineSeparator();
    }

    private long count(Verdict verdict) {
        return lines.stream().filter(line -> line.verdict() == verdict).count();
    }
}
