package ai.neuronetz.gateway.testkit.conformance;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Checks a gateway that runs, from outside, and prints what it found.
 *
 * <p>Without arguments it says how it is used. Makes a few dozen short requests to a model.
 */
public final class ConformanceMain {

    private ConformanceMain() {}

    /** Ends the process: 0 if nothing failed, 1 if something did, 2 for wrong usage or if there is no gateway. */
    public static void main(String[] args) {
        System.exit(run(args, System.getenv(), System.out, System.err));
    }

    /**
     * The same for a test, in whose process it runs.
     *
     * @param environment where keys are looked for
     * @return what would be the exit code
     */
    public static int run(String[] args, Map<String, String> environment, PrintStream out, PrintStream err) {
        try {
            return run(Options.parse(args, environment), out, err);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.print(Options.USAGE);
            return 2;
        }
    }

    private static int run(Options options, PrintStream out, PrintStream err) {
        List<Check> checks = checks().stream()
                .filter(check -> check.name().contains(options.only()))
                .toList();
        if (checks.isEmpty()) {
            throw new IllegalArgumentException("no check's name contains the text of --only");
        }
        Target target;
        try {
            target = Target.connect(options);
        } catch (UncheckedIOException e) {
            err.println("nothing answers at " + options.url() + ": "
                    + options.keys().redact(String.valueOf(e.getCause())));
            return 2;
        }
        List<Report.Line> lines = new ArrayList<>();
        checks.forEach(check -> lines.add(Report.line(check, check.run(target), options.keys())));
        Report report = new Report(lines);
        out.print(options.json() ? report.json() : report.table());
        out.flush();
        return report.failures() > 0 ? 1 : 0;
    }

    /** The limits come last: they use up what a key has. */
    static List<Check> checks() {
        return Stream.of(
                        PublicChecks.CHECKS,
                        CredentialChecks.CHECKS,
                        AnswerChecks.CHECKS,
                        PathChecks.CHECKS,
                        FramingChecks.CHECKS,
                        BodyChecks.CHECKS,
                        ModelChecks.CHECKS,
                        StreamChecks.CHECKS,
                        LimitChecks.CHECKS)
                .flatMap(List::stream)
                .toList();
    }
}
