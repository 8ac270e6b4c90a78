package ai.neuronetz.gateway.testkit.conformance;

import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys to ask with. Not shown by {@code toString}.
 *
 * @param main of a tenant that may use a model
 * @param other of another tenant that may use the same model
 * @param limited with a small limit of requests per minute, not used within the last minute
 * @param revoked revoked or expired
 */
record Keys(
        String main,
        @Nullable String other,
        @Nullable String limited,
        @Nullable String revoked) {

    /** The text without any of the keys in it. */
    String redact(String text) {
        String redacted = text;
        for (String key : Stream.of(main, other, limited, revoked)
                .filter(Objects::nonNull)
                .toList()) {
            redacted = redacted.replace(key, "(key)");
        }
        return redacted;
    }

    @Override
    public String toString() {
        return "Keys[...]";
    }
}
