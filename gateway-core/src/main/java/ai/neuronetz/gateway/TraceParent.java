package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.ClientRequest;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the caller's {@code traceparent}, so that a line in the gateway's log can be found from a trace. It is logged and
 * goes nowhere else: whoever has a key would otherwise write into traces that are not theirs.
 *
 * <p>Source: W3C Trace Context, 3.2.
 */
final class TraceParent {

    // A later version may have more after the flags; ff is no version, and nothing is all zeros.
    private static final Pattern VALUE = Pattern.compile("(?!ff)[0-9a-f]{2}"
            + "-((?!0{32})[0-9a-f]{32})"
            + "-(?!0{16})[0-9a-f]{16}"
            + "-[0-9a-f]{2}(?<more>-[\\x21-\\x7e]{0,200})?");

    private TraceParent() {}

    /** The trace's id, 32 hexadecimal digits; null if there is not exactly one header and a valid one. */
    static @Nullable String traceId(ClientRequest request) {
        List<String> values = request.headers("traceparent");
        if (values.size() != 1) {
            return null;
        }
        String value = values.get(0);
        Matcher matcher = VALUE.matcher(value);
        boolean valid = matcher.matches() && (matcher.group("more") == null || !value.startsWith("00"));
        return valid ? matcher.group(1) : null;
    }
}
