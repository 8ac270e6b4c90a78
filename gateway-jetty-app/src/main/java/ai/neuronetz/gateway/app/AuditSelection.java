package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.AuditFilter;
import ai.neuronetz.gateway.admin.AuditFilter.Kind;
import java.time.Clock;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which entries of the audit log a command is about. */
final class AuditSelection {

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Only this tenant.")
    private @Nullable String tenant;

    @Option(names = "--key", paramLabel = "KEY-ID", description = "Only this key, by its 12 character id.")
    private @Nullable String key;

    @Option(names = "--kind", paramLabel = "KIND", description = "Only request, denial, refusals, change or seal.")
    private @Nullable String kind;

    @Option(
            names = "--outcome",
            paramLabel = "OUTCOME",
            description = "Only requests that ended so, such as COMPLETED, or that are OPEN.")
    private @Nullable String outcome;

    @Mixin
    private TimeSpan span = new TimeSpan();

    AuditFilter filter(Clock clock) {
        return new AuditFilter(
                kind(),
                tenant,
                key,
                span.since(clock),
                span.until(clock),
                outcome == null ? null : outcome.toUpperCase(Locale.ROOT));
    }

    private @Nullable Kind kind() {
        if (kind == null) {
            return null;
        }
        return Arrays.stream(Kind.values())
                .filter(one -> word(one).equals(kind))
                .findFirst()
                .orElseThrow(() -> new ConfigurationException("--kind: " + kind + " (expected: "
                        + Arrays.stream(Kind.values()).map(AuditSelection::word).collect(Collectors.joining(", "))
                        + ")"));
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
