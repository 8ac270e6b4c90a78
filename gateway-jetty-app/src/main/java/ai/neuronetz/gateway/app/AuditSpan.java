package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A span of time of the audit log. */
final class AuditSpan {

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Nothing earlier: an instant such as 2026-11-01T08:00:00Z, a UTC day, or how long ago, such as 2h.")
    private @Nullable String since;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "Nothing from this instant on; given in the same ways.")
    private @Nullable String until;

    @Nullable
    Instant since(Clock clock) {
        return instant("--since", since, clock);
    }

    @Nullable
    Instant until(Clock clock) {
        Instant end = instant("--until", until, clock);
        Instant begin = since(clock);
        if (end != null && begin != null && !begin.isBefore(end)) {
            throw new ConfigurationException("--since " + since + " is not before --until " + until + "; swap them");
        }
        return end;
    }

    private static @Nullable Instant instant(String option, @Nullable String text, Clock clock) {
        if (text == null) {
            return null;
        }
        try {
            return DurationText.parse(text)
                    .map(clock.instant()::minus)
                    .orElseGet(() -> text.contains("T")
                            ? OffsetDateTime.parse(text).toInstant()
                            : LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
        } catch (DateTimeException | ArithmeticException e) {
            throw new ConfigurationException(option + ": " + text
                    + " (expected: an instant such as 2026-11-01T08:00:00Z, a day such as 2026-11-01, or "
                    + DurationText.EXPECTED + ")");
        }
    }
}
