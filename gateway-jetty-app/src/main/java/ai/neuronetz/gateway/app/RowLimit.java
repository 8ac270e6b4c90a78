package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import picocli.CommandLine.Option;

/** How many entries a list that can be long shows at most. */
final class RowLimit {

    private static final int MAX = 10_000;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "How many entries, 1 to 10000. Default: ${DEFAULT-VALUE}.")
    private int limit = 100;

    /** @throws ConfigurationException if it is out of bounds */
    int checked() {
        if (limit < 1 || limit > MAX) {
            throw new ConfigurationException("--limit: " + limit + " (expected: 1 to " + MAX + ")");
        }
        return limit;
    }
}
