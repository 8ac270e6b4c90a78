package ai.neuronetz.gateway.exchange;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request goes no further: what each deciding stage returns for that, and the pipeline turns into an answer. Immutable.
 *
 * @param reason the constant code, status and text
 * @param field the field of the request that is to blame, a name from the gateway's own tables; or null
 * @param retryAfter when trying again could help, or null if it could not
 * @param headers further headers of the answer, such as the state of a limit
 */
public record Denial(
        Reason reason, @Nullable String field, @Nullable Duration retryAfter, Map<String, String> headers) {

    public Denial {
        requireNonNull(reason, "reason");
        headers = Map.copyOf(headers);
    }

    public static Denial of(Reason reason) {
        return new Denial(reason, null, reason.status() == 503 ? Duration.ofSeconds(1) : null, Map.of());
    }

    public static Denial of(Reason reason, Duration retryAfter) {
        return new Denial(reason, null, retryAfter, Map.of());
    }

    public static Denial ofField(Reason reason, String field) {
        return new Denial(reason, field, null, Map.of());
    }

    /** This denial with more headers. */
    public Denial with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Denial(reason, field, retryAfter, all);
    }
}
