package ai.neuronetz.gateway.metering;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the state of the limits as headers of an answer; a limit that does not apply has none. */
final class LimitHeaders {

    private LimitHeaders() {}

    /** As OpenAI names them and writes their durations. */
    static Map<String, String> of(@Nullable RateStatus status) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (status != null) {
            put(headers, "requests", status.requests());
            put(headers, "tokens", status.tokens());
        }
        return headers;
    }

    static Map<String, String> of(Ledger.@Nullable Budget budget) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (budget != null) {
            headers.put("X-Budget-Limit", Long.toString(budget.limit()));
            headers.put("X-Budget-Remaining", Long.toString(budget.remaining()));
            Instant reset = budget.reset();
            if (reset != null) {
                headers.put(
                        "X-Budget-Reset", reset.truncatedTo(ChronoUnit.SECONDS).toString());
            }
        }
        return headers;
    }

    /** Such as {@code 120ms}, {@code 1s}, {@code 6m0s}; from a second on rounded up to whole ones. */
    static String duration(long millis) {
        if (millis < 1000) {
            return millis + (millis == 0 ? "s" : "ms");
        }
        long seconds = (millis + 999) / 1000;
        return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
    }

    private static void put(Map<String, String> headers, String what, RateStatus.@Nullable Window window) {
        if (window != null) {
            headers.put("x-ratelimit-limit-" + what, Long.toString(window.limit()));
            headers.put("x-ratelimit-remaining-" + what, Long.toString(window.remaining()));
            headers.put("x-ratelimit-reset-" + what, duration(window.resetMillis()));
        }
    }
}
