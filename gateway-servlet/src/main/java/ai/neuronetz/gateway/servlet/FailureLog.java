package ai.neuronetz.gateway.servlet;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what the host makes impossible, with what to do about it, and exceptions that nobody foresaw, without their
 * messages, which may hold a piece of a prompt.
 */
final class FailureLog {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayFilter.class);

    private FailureLog() {}

    static void log(Throwable failure) {
        if (failure instanceof HostFault) {
            log(String.valueOf(failure.getMessage()));
            return;
        }
        StackTraceElement[] trace = failure.getStackTrace();
        String place = trace.length == 0 ? "an unknown place" : trace[0].toString();
        log(failure.getClass().getName() + " at " + place);
    }

    static void log(String reason) {
        LOG.warn("A request was denied: {}", reason);
    }
}
