package ai.neuronetz.gateway.testkit.conformance;

/** What became of a check. */
sealed interface Outcome {

    /** What was seen, or why nothing was looked at; one line. */
    String seen();

    record Passed(String seen) implements Outcome {}

    record Failed(String seen) implements Outcome {}

    record Skipped(String seen) implements Outcome {}
}
