package ai.neuronetz.gateway;

/**
 * An exception that nobody foresaw, as it may be logged: its kind and where it was thrown, without any message, since a
 * message can quote a piece of a prompt.
 */
final class Unforeseen extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int MAX_CAUSES = 5;

    private Unforeseen(Throwable thrown, int causes) {
        super(
                thrown.getClass().getName(),
                thrown.getCause() == null || causes == 0 ? null : new Unforeseen(thrown.getCause(), causes - 1),
                false,
                true);
        setStackTrace(thrown.getStackTrace());
    }

    static Throwable of(Throwable thrown) {
        return new Unforeseen(thrown, MAX_CAUSES);
    }

    /** The stack trace is the other's, and is not worth taking. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
