package ai.neuronetz.gateway.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run showed.
 *
 * @param strikes names of the faults in their order
 * @param fill NaN where the budget was not filled, because something was wrong before
 * @param troubles what went wrong in the harness
 */
record Report(
        Round round,
        List<String> strikes,
        Evidence evidence,
        LimitInvariants limits,
        Quiet quiet,
        double fill,
        Duration duration,
        List<String> troubles,
        List<Violation> violations) {

    /** Such as {@code seed-7} or {@code FENCE-seed-7}. */
    String name() {
        return (round.mutant() == null ? "" : round.mutant() + "-") + "seed-" + round.seed();
    }

    /** For people; one fact a line. */
    String text() {
        Stream<String> facts = Stream.of(
                "== " + name() + ": " + strikes.size() + " faults, " + violations.size() + " violations, "
                        + duration.toSeconds() + " s",
                "faults: " + counts(strikes, Function.identity()),
                "forwarded: " + evidence.truth().generations().size() + "; admitted: "
                        + evidence.ledger().entries().size() + "; settled: "
                        + counts(evidence.ledger().entries(), entry -> entry.outcome() + "/" + entry.basis()),
                "answers: "
                        + counts(
                                evidence.replies(),
                                reply -> reply.status() + (reply.code() == null ? "" : " " + reply.code())),
                "quiet: settled after " + quiet.settledMillis() + " ms, gate empty after " + quiet.gateMillis() + " ms",
                "samples: " + evidence.samples().taken() + ", missed "
                        + evidence.samples().missed() + "; requests excused: " + limits.excused(),
                "budget filled: " + fill);
        return Stream.of(
                        facts,
                        limits.worst().stream().map(worst -> "worst " + worst),
                        troubles.stream().map(trouble -> "TROUBLE " + trouble),
                        violations.stream().map(violation -> "VIOLATION " + violation))
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** Writes the text, and the order of the faults, to a directory. */
    void write(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.writeString(
                    directory.resolve(name() + ".txt"), text() + "order: " + String.join(" ", strikes) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> Map<String, Long> counts(List<T> things, Function<T, String> kind) {
        return things.stream().collect(Collectors.groupingBy(kind, TreeMap::new, Collectors.counting()));
    }
}
