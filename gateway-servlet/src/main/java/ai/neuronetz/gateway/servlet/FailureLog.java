package ai.neuronetz.gateway.servlet;

import jakarta.servlet.ServletContext;

/** Writes down exceptions that nobody foresaw, without their messages, which may hold a piece of a prompt. */
final class FailureLog {

    private FailureLog() {}

    static void log(ServletContext context, Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        String place = trace.length == 0 ? "an unknown place" : trace[0].toString();
        context.log("The gateway denied a request after " + failure.getClass().getName() + " at " + place
                + "; if it is thrown by startAsync, map the gateway's filter with async-supported.");
    }
}
