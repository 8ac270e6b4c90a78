package ai.neuronetz.gateway.ollama;

/** A number of tokens as Ollama's answer states it: one, or why there is none to go by. Immutable. */
public sealed interface TokenCount {

    /**
     * A whole number; whether it can be true is another question.
     *
     * @param tokens at least 1; 0 only where nothing is generated
     */
    record Stated(long tokens) implements TokenCount {}

    /** No number to go by. */
    enum Unusable implements TokenCount {
        /** Left out, null, or 0, which is what Ollama writes where it has none. */
        MISSING,
        NEGATIVE,
        /** So long that no number of tokens was ever like it. */
        HUGE,
        /** Not a whole number in JSON. */
        MALFORMED
    }
}
