package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** A time as people write it: an instant, the beginning of a UTC day, or how long ago. */
final class PointInTime {

    static final String EXPECTED =
            "an instant such as 2026-11-01T08:00:00Z, a UTC day such as 2026-11-01, or how long ago, such as 24h or 7d";

    private PointInTime() {}

    /** @throws ConfigurationException if it is none of these */
    static Instant parse(String option, String text, Clock clock) {
        try {
            return DurationText.parse(text).map(clock.instant()::minus).orElseGet(() -> instant(text.strip()));
        } catch (DateTimeException | ArithmeticException e) {
            throw new ConfigurationException(option + ": " + text + " (expected: " + EXPECTED + ")");
        }
    }

    private static Instant instant(String text) {
        return text.contains("T")
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
}
