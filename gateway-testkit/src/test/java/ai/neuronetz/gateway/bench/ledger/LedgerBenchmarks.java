package ai.neuronetz.gateway.bench.ledger;

import java.util.List;

/**
 * Runs the benchmarks of this package that are named, or all, with the parameters given, and exits with 1 if one that must
 * hold did not.
 */
final class LedgerBenchmarks {

    private static final List<String> ALL = List.of("million-admissions", "admission-latency", "growing-tables");

    private LedgerBenchmarks() {}

    public static void main(String[] arguments) throws Exception {
        Parameters parameters = Parameters.of(arguments);
        boolean passed = true;
        for (String name : parameters.words().isEmpty() ? ALL : parameters.words()) {
            System.out.println("\n== " + name);
            passed &= switch (name) {
                case "million-admissions" -> MillionAdmissions.passes(parameters);
                case "admission-latency" -> AdmissionLatency.passes(parameters);
                case "growing-tables" -> GrowingTables.passes(parameters);
                default -> throw new IllegalArgumentException(name + " (expected: " + String.join(", ", ALL) + ")");
            };
        }
        System.exit(passed ? 0 : 1);
    }
}
