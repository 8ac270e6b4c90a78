package ai.neuronetz.gateway;

/**
 * A setting is missing, unknown or dangerous, or a pipeline was put together wrongly. Thrown at the start only; the message
 * is one line and says what to do.
 */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
