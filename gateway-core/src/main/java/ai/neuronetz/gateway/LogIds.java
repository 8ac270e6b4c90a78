package ai.neuronetz.gateway;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Puts a request's ids on whatever is logged while it is worked for on this thread. */
final class LogIds {

    static final String REQUEST_ID = "request_id";
    static final String TRACE_ID = "trace_id";

    private LogIds() {}

    static void during(UUID requestId, @Nullable String traceId, Runnable work) {
        String outerRequestId = MDC.get(REQUEST_ID);
        String outerTraceId = MDC.get(TRACE_ID);
        put(REQUEST_ID, requestId.toString());
        put(TRACE_ID, traceId);
        try {
            work.run();
        } finally {
            put(REQUEST_ID, outerRequestId);
            put(TRACE_ID, outerTraceId);
        }
    }

    private static void put(String name, @Nullable String value) {
        if (value == null) {
            MDC.remove(name);
        } else {
            MDC.put(name, value);
        }
    }
}
