package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;

/** A time in the past as people write it. */
final class PointInTime {

    static final String EXPECTED = "an instant such as 2027-01-31T00:00:00Z, or how long ago, such as 24h or 7d";

    private PointInTime() {}

    static Instant parse(String option, String text, Clock clock) {
        return DurationText.parse(text).map(ago -> clock.instant().minus(ago)).orElseGet(() -> instant(option, text));
    }

    private static Instant instant(String option, String text) {
        try {
            return Instant.parse(text.strip());
        } catch (DateTimeException e) {
            throw new ConfigurationException(option + ": " + text + " (expected: " + EXPECTED + ")");
        }
    }
}
