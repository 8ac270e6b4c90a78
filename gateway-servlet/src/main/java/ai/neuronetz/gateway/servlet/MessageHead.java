package ai.neuronetz.gateway.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Judges what says where a message ends and for whom it is. Containers differ in what they let through, and a proxy in
 * front may have read it in yet another way; only what can be read in one way is served.
 */
final class MessageHead {

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    private MessageHead() {}

    /** Whether the head can be read in one way only, as far as the container shows it. */
    static boolean isUnambiguous(HttpServletRequest request) {
        return switch (request.getProtocol()) {
            case "HTTP/1.1" -> hasHost(request) && hasOneLength(request);
            case "HTTP/1.0" ->
                hasHost(request)
                        && hasOneLength(request)
                        && values(request, "Transfer-Encoding").isEmpty();
            // Lengths and the host are no headers there. Anything else is older than headers, or no HTTP.
            default ->
                request.getProtocol().startsWith("HTTP/2")
                        || request.getProtocol().startsWith("HTTP/3");
        };
    }

    private static boolean hasHost(HttpServletRequest request) {
        List<String> hosts = values(request, "Host");
        return hosts.size() == 1 && !hosts.get(0).isBlank();
    }

    private static boolean hasOneLength(HttpServletRequest request) {
        List<String> lengths = values(request, "Content-Length");
        List<String> codings = values(request, "Transfer-Encoding");
        if (codings.isEmpty()) {
            return lengths.isEmpty()
                    || (lengths.size() == 1 && DIGITS.matcher(lengths.get(0)).matches());
        }
        return lengths.isEmpty() && codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked");
    }

    private static List<String> values(HttpServletRequest request, String header) {
        return Collections.list(request.getHeaders(header));
    }
}
