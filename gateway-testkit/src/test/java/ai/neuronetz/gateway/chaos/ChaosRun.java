package ai.neuronetz.gateway.chaos;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs seeds and mutants, and ends with 1 if a run found a violation or a mutant was not caught.
 *
 * <p>Arguments: the first seed, how many seeds, faults of each, whether to run the mutants; or the name of one mutant. A
 * seed draws the same faults in the same order and the same requests of each client; when they meet is up to the machine.
 */
public final class ChaosRun {

    private static final int SEEDS_OF_A_MUTANT = 3;
    private static final int FAULTS_OF_A_MUTANT = 20;

    private final List<String> failures = new ArrayList<>();

    private ChaosRun() {}

    public static void main(String[] args) throws InterruptedException, SQLException {
        if (args.length != 4) {
            System.err.println("usage: first-seed seeds faults-per-seed true|false|MUTANT");
            System.exit(2);
        }
        ChaosRun run = new ChaosRun();
        long first = Long.parseLong(args[0]);
        for (long seed = first; seed < first + Long.parseLong(args[1]); seed++) {
            run.positive(seed, Integer.parseInt(args[2]));
        }
        for (Mutant mutant : Mutant.values()) {
            if (args[3].equals("true") || args[3].equals(mutant.name())) {
                run.negative(mutant, first);
            }
        }
        run.failures.forEach(failure -> System.out.println("FAILED " + failure));
        System.out.println(run.failures.isEmpty() ? "all as it should be" : run.failures.size() + " failed");
        // Whatever thread a failed run left behind.
        System.exit(run.failures.isEmpty() ? 0 : 1);
    }

    private void positive(long seed, int faults) throws InterruptedException, SQLException {
        Report report = Round.of(seed, faults, kind -> true).run();
        print(report);
        if (!report.violations().isEmpty() || !report.troubles().isEmpty()) {
            failures.add(report.name());
        }
    }

    private void negative(Mutant mutant, long first) throws InterruptedException, SQLException {
        for (long seed = first; seed < first + SEEDS_OF_A_MUTANT; seed++) {
            Report report = Round.of(seed, FAULTS_OF_A_MUTANT, mutant).run();
            print(report);
            if (!report.violations().isEmpty()) {
                System.out.println("CAUGHT " + mutant);
                return;
            }
        }
        failures.add(mutant + " was not caught");
    }

    private static void print(Report report) {
        System.out.println(report.text());
        report.write(directory());
    }

    /** {@code target/chaos} of this module, wherever it is run from. */
    private static Path directory() {
        Path classes = Path.of(ChaosRun.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        Path target = classes.getParent();
        return (target == null ? classes : target).resolve("chaos");
    }
}
