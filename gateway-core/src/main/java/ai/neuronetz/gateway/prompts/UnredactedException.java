package ai.neuronetz.gateway.prompts;

/** A text could not be redacted, and must not be kept. */
final class UnredactedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean late;

    /** @param reason tells nothing of the text */
    UnredactedException(String reason, boolean late) {
        super(reason);
        this.late = late;
    }

    /** Whether it took too long. */
    boolean late() {
        return late;
    }
}
