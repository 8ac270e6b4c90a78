package ai.neuronetz.gateway.prompts;

import static java.util.Objects.requireNonNull;

/**
 * Takes out of a text what must not be kept.
 *
 * <p>Called on one thread of the prompt log's, with a whole prompt or a whole answer at a time: decoded, not as JSON, and put
 * together from all its frames. Fails closed: of an exchange for which it throws, returns null, or takes longer than 2 seconds,
 * nothing is kept. It should heed interrupts, since while it hangs nothing else is kept either.
 */
@FunctionalInterface
public interface Redactor {

    /**
     * Returns the text without what must not be kept.
     *
     * @param text up to 69,632 characters; where it was longer, the last 4,096 of what is returned are not kept, because
     *     something may have been cut in two there
     */
    String redact(String text);

    /** This one, and then another over what it left. */
    default Redactor andThen(Redactor next) {
        requireNonNull(next, "next");
        return text -> next.redact(requireNonNull(redact(text), "redacted"));
    }

    /**
     * Replaces API keys and tokens of well-known shapes, e-mail addresses and the numbers of payment cards by what they were,
     * such as {@code [redacted: e-mail]}. Takes time in proportion to the text, whatever the text.
     */
    static Redactor patterns() {
        return PatternRedactor.INSTANCE;
    }
}
