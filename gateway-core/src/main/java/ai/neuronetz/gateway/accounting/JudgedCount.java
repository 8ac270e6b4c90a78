package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.ollama.TokenCount;
import ai.neuronetz.gateway.ollama.TokenCount.Stated;
import ai.neuronetz.gateway.ollama.TokenCount.Unusable;
import org.jspecify.annotations.Nullable;

/**
 * A reported count, and whether it is believed.
 *
 * @param tokens as reported, or 0 if no number was
 * @param rejection why it is not believed, or null if it is
 */
record JudgedCount(long tokens, @Nullable Rejection rejection) {

    /** Why a count is not believed; a label of metrics. */
    enum Rejection {
        MISSING,
        NEGATIVE,
        HUGE,
        MALFORMED,
        /** Less than what was seen to pass. */
        UNDERSTATED
    }

    /**
     * @param least what is known to be so
     * @param most what can be believed, at least {@code least}
     */
    static JudgedCount of(TokenCount reported, long least, long most) {
        if (!(reported instanceof Stated stated)) {
            return new JudgedCount(0, rejection((Unusable) reported));
        }
        long tokens = stated.tokens();
        if (tokens > most) {
            return new JudgedCount(tokens, Rejection.HUGE);
        }
        return new JudgedCount(tokens, tokens < least ? Rejection.UNDERSTATED : null);
    }

    boolean believed() {
        return rejection == null;
    }

    /** For the audit: the number, unless nobody could make sense of it. */
    @Nullable
    Long shown() {
        return believed() || rejection == Rejection.UNDERSTATED ? tokens : null;
    }

    private static Rejection rejection(Unusable reported) {
        return switch (reported) {
            case MISSING -> Rejection.MISSING;
            case NEGATIVE -> Rejection.NEGATIVE;
            case HUGE -> Rejection.HUGE;
            case MALFORMED -> Rejection.MALFORMED;
        };
    }
}
