package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.identity.Limits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The limits to change: each a number, {@code none}, or not given and therefore kept. */
final class LimitChanges {

    private static final String NONE = "none";

    @Option(names = "--rpm", paramLabel = "N", description = "Requests in any 60 seconds.")
    private @Nullable String rpm;

    @Option(names = "--tpm", paramLabel = "N", description = "Tokens in any 60 seconds, input and output together.")
    private @Nullable String tpm;

    @Option(names = "--concurrency", paramLabel = "N", description = "Requests open at once.")
    private @Nullable String concurrency;

    @Option(names = "--day-budget", paramLabel = "N", description = "Tokens per UTC day.")
    private @Nullable String dayBudget;

    @Option(names = "--month-budget", paramLabel = "N", description = "Tokens per UTC month.")
    private @Nullable String monthBudget;

    @Option(names = "--total-budget", paramLabel = "N", description = "Tokens ever.")
    private @Nullable String totalBudget;

    @Option(
            names = "--max-output",
            paramLabel = "N",
            description = "Tokens one answer may have; can only be lower than MAX_NUM_PREDICT.")
    private @Nullable String maxOutput;

    /** @throws ConfigurationException if nothing is to be changed, or a value is neither a number nor {@code none} */
    void requireSome() {
        if (rpm == null
                && tpm == null
                && concurrency == null
                && dayBudget == null
                && monthBudget == null
                && totalBudget == null
                && maxOutput == null) {
            throw new ConfigurationException("no limit is given; give at least one, such as --rpm 60 or --rpm none");
        }
        applyTo(Limits.none());
        applyTo((Integer) null);
    }

    Limits applyTo(Limits limits) {
        return new Limits(
                changed("--rpm", rpm, limits.requestsPerMinute()),
                changed("--tpm", tpm, limits.tokensPerMinute()),
                changed("--concurrency", concurrency, limits.concurrency()),
                changed("--day-budget", dayBudget, limits.dayBudget()),
                changed("--month-budget", monthBudget, limits.monthBudget()),
                changed("--total-budget", totalBudget, limits.totalBudget()));
    }

    @Nullable
    Integer applyTo(@Nullable Integer maxOutputTokens) {
        Long changed = changed("--max-output", maxOutput, maxOutputTokens == null ? null : maxOutputTokens.longValue());
        if (changed != null && (changed < 1 || changed > Integer.MAX_VALUE)) {
            throw new ConfigurationException(
                    "--max-output: " + changed + " (expected: 1 to " + Integer.MAX_VALUE + ")");
        }
        return changed == null ? null : changed.intValue();
    }

    private static @Nullable Long changed(String option, @Nullable String text, @Nullable Long current) {
        if (text == null) {
            return current;
        }
        if (text.equals(NONE)) {
            return null;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Falls through to the one message for everything that is no limit.
        }
        throw new ConfigurationException(option + ": " + text + " (expected: a whole number, 0 or more, or none)");
    }
}
