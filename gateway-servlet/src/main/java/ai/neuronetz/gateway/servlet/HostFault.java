package ai.neuronetz.gateway.servlet;

/** What another part of the host makes impossible. The message says what to do, and holds nothing of the request. */
final class HostFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    HostFault(String message) {
        super(message, null, false, false);
    }
}
