package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.metering.Ledger.Budget;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the state of limits as headers: OpenAI's for the minute's, our own for budgets. One where it applies. */
final class LimitHeaders {

    private LimitHeaders() {}

    static Map<String, String> of(@Nullable RateStatus rates, @Nullable Budget budget) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (rates != null) {
            put(headers, "requests", rates.requests());
            put(headers, "tokens", rates.tokens());
        }
        if (budget != null) {
            headers.put("X-Budget-Limit", Long.toString(budget.limit()));
            headers.put("X-Budget-Remaining", Long.toString(budget.remaining()));
            if (budget.reset() != null) {
                headers.put("X-Budget-Reset", budget.reset().toString());
            }
        }
        return headers;
    }

    private static void put(Map<String, String> headers, String what, RateStatus.@Nullable Window window) {
        if (window != null) {
            headers.put("x-ratelimit-limit-" + what, Long.toString(window.limit()));
            headers.put("x-ratelimit-remaining-" + what, Long.toString(window.remaining()));
            headers.put("x-ratelimit-reset-" + what, openAiDuration(window.resetMillis()));
        }
    }

    /** As OpenAI writes it: {@code 120ms}, {@code 1.5s}, {@code 1m0s}. */
    static String openAiDuration(long millis) {
        if (millis < 1000) {
            return millis + "ms";
        }
        Duration duration = Duration.ofMillis(millis);
        long minutes = duration.toMinutes();
        long rest = duration.toMillisPart();
        String seconds = duration.toSecondsPart()
                + (rest == 0 ? "" : "." + String.format("%03d", rest).replaceAll("0+$", "")) + "s";
        return minutes == 0 ? seconds : minutes + "m" + seconds;
    }
}
