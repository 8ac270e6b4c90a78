package ai.neuronetz.gateway.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run: a stage, clients, faults, quiet, and then the books are compared.
 *
 * @param faults how many
 * @param kinds by name, those that may strike
 */
record Round(
        long seed,
        int faults,
        int gateways,
        Predicate<String> kinds,
        @Nullable Mutant mutant) {

    /** As many as there are kinds of processes: more would only wait for one another. */
    private static final int FAULTS_AT_A_TIME = 4;

    /** Of the model server: 100 tokens a second, so that answers last from 10 ms to 8 s. */
    private static final Duration PACE = Duration.ofMillis(10);

    private static final int MOST_TOKENS = 1_000;
    private static final double LEAST_FILL = 0.999;

    static Round of(long seed, int faults, Predicate<String> kinds) {
        return new Round(seed, faults, 3, kinds, null);
    }

    static Round of(long seed, int faults, Mutant mutant) {
        return new Round(seed, faults, 3, mutant.faults()::contains, mutant);
    }

    Report run() throws InterruptedException, SQLException {
        Path overlay = temporaryDirectory();
        try {
            Stage.Options options = Stage.Options.of(gateways);
            if (mutant != null) {
                mutant.scripts(overlay);
                options = options.withOverlay(overlay).withDatabasePatch(mutant::functions);
            }
            try (Stage stage = Stage.start(options)) {
                return run(stage);
            }
        } finally {
            delete(overlay);
        }
    }

    private Report run(Stage stage) throws InterruptedException, SQLException {
        long begin = System.nanoTime();
        stage.ollama().pace(PACE).replyTokens(MOST_TOKENS);
        Scenario scenario = Scenario.prepare(stage, faults);
        List<Storm.Strike> strikes = Storm.draw(
                stage.faults().stream()
                        .filter(fault -> kinds.test(fault.name()))
                        .toList(),
                faults,
                seed);
        Queue<Reply> replies = new ConcurrentLinkedQueue<>();
        List<Violation> violations = new ArrayList<>();
        List<String> troubles;
        Quiet quiet;
        double fill = Double.NaN;
        Sampler.Samples samples;
        try (Sampler sampler = Sampler.start(stage.database())) {
            try (Workload workload = Workload.start(stage, scenario, seed)) {
                troubles = Storm.rage(strikes, FAULTS_AT_A_TIME);
                stage.heal();
                workload.stop();
                replies.addAll(workload.replies());
            }
            quiet = Quiet.await(stage, scenario);
            violations.addAll(quiet.violations());
            if (violations.isEmpty()) {
                fill = Fill.run(stage, scenario.tenant("budget"), replies);
                if (fill < LEAST_FILL) {
                    violations.add(new Violation("F", "of the budget only " + fill + " could be spent"));
                }
            }
            samples = sampler.samples();
        }
        Evidence evidence = new Evidence(
                scenario.parties(),
                GroundTruth.of(stage.ollama()),
                LedgerRecords.read(stage.database()),
                List.copyOf(replies),
                samples);
        violations.addAll(LedgerInvariants.check(evidence));
        LimitInvariants limits = LimitInvariants.check(evidence);
        violations.addAll(limits.violations());
        return new Report(
                this,
                strikes.stream().map(strike -> strike.fault().name()).toList(),
                evidence,
                limits,
                quiet,
                fill,
                Duration.ofNanos(System.nanoTime() - begin),
                troubles,
                violations);
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("chaos-overlay");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
