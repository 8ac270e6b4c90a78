package ai.neuronetz.gateway.admin;

/** What the operator asked for cannot be done; the message says why and what to do. */
public final class AdministrationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public AdministrationException(String message) {
        super(message);
    }

    public AdministrationException(String message, Throwable cause) {
        super(message, cause);
    }
}
