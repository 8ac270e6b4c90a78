package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.ClientRequest;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Reads the head of a request as the client sent it. Containers decode and normalise paths, each in its own way; here a
 * path counts only if what was sent is already what the container made of it.
 */
final class RequestTarget {

    /** Equal to no path, since every path begins with a slash. */
    static final String NOTHING = "";

    private static final Pattern PREFIX = Pattern.compile("(/[A-Za-z0-9._~-]+)*");

    private final String prefix;

    RequestTarget(String prefix) {
        if (!PREFIX.matcher(prefix).matches() || prefix.contains("/.")) {
            throw new IllegalArgumentException(
                    "prefix: " + prefix + " (expected: empty, or a path such as /llm without a slash at its end)");
        }
        this.prefix = prefix;
    }

    /** A path that is written in two ways is never byte-equal to itself, so that nothing below it would be served. */
    static void requireServable(String contextPath) {
        if (!PREFIX.matcher(contextPath).matches()) {
            throw new IllegalArgumentException(
                    "context path: " + contextPath
                            + " (expected: letters, digits and . _ ~ - between slashes, which no client writes in another way)");
        }
    }

    ClientRequest clientRequest(HttpServletRequest request) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            headers.put(name, Collections.list(request.getHeaders(name)));
        }
        return new ClientRequest(
                        request.getMethod(), target(request), headers, PeerAddress.parse(request.getRemoteAddr()))
                .withUserPrincipal(request.getUserPrincipal());
    }

    private String target(HttpServletRequest request) {
        if (!isAsSent(request)) {
            return NOTHING;
        }
        String path = target(
                request.getRequestURI(),
                // The request's own context path is taken from the target, undecoded, so it proves nothing.
                request.getServletContext().getContextPath(),
                request.getServletPath(),
                request.getPathInfo() == null ? "" : request.getPathInfo());
        String query = request.getQueryString();
        return path.equals(NOTHING) || query == null ? path : path + "?" + query;
    }

    /** Whether the path is the client's word. After a forward, say, it is another component's. */
    private static boolean isAsSent(HttpServletRequest request) {
        return switch (request.getDispatcherType()) {
            case REQUEST -> true;
            // A filter before the gateway's has let the request wait, and dispatched it to where it was going.
            case ASYNC ->
                request.getRequestURI().equals(request.getAttribute(AsyncContext.ASYNC_REQUEST_URI))
                        && Objects.equals(
                                request.getQueryString(), request.getAttribute(AsyncContext.ASYNC_QUERY_STRING))
                        && request.getAttribute(RequestDispatcher.FORWARD_REQUEST_URI) == null;
            case FORWARD, INCLUDE, ERROR -> false;
        };
    }

    /**
     * @param raw the path as sent
     * @param contextPath as configured
     * @param servletPath decoded and normalised by the container
     * @param pathInfo the same, or empty
     */
    String target(String raw, String contextPath, String servletPath, String pathInfo) {
        String mount = contextPath + prefix;
        boolean same = spelledOut(raw).equals(contextPath + servletPath + pathInfo);
        return same && raw.startsWith(mount + "/") ? raw.substring(mount.length()) : NOTHING;
    }

    /**
     * The two characters of a model's name that JavaScript's {@code encodeURIComponent} writes in another way. The target
     * keeps them as they were sent, so that they match no constant; only the path that ends in a model's name reads them.
     */
    private static String spelledOut(String raw) {
        return raw.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/");
    }
}
