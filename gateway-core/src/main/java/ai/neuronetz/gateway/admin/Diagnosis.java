package ai.neuronetz.gateway.admin;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What one look at an installation came to. Holds no secret.
 *
 * @param subject what was looked at, in lower case
 * @param found in a sentence without a full stop
 * @param mend the command, or else the setting, that mends it; null where nothing needs mending
 */
public record Diagnosis(
        String subject,
        Verdict verdict,
        String found,
        @Nullable String mend) {

    /** How bad it is. */
    public enum Verdict {
        OK,
        /** Not looked at; {@code found} says why. */
        SKIP,
        /** Works, and yet should not stay so. */
        WARN,
        /** Requests are refused, or a guard is open. */
        FAIL
    }

    public Diagnosis {
        requireNonNull(subject, "subject");
        requireNonNull(verdict, "verdict");
        requireNonNull(found, "found");
    }

    public static Diagnosis ok(String subject, String found) {
        return new Diagnosis(subject, Verdict.OK, found, null);
    }

    public static Diagnosis skipped(String subject, String why) {
        return new Diagnosis(subject, Verdict.SKIP, why, null);
    }

    public static Diagnosis warning(String subject, String found, String mend) {
        return new Diagnosis(subject, Verdict.WARN, found, requireNonNull(mend, "mend"));
    }

    public static Diagnosis failure(String subject, String found, String mend) {
        return new Diagnosis(subject, Verdict.FAIL, found, requireNonNull(mend, "mend"));
    }
}
