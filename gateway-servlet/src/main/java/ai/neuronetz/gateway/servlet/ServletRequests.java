package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.ClientRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the head of a request without letting the container interpret it. */
final class ServletRequests {

    /** Equal to no path there is. */
    private static final String NO_TARGET = "";

    private ServletRequests() {}

    static ClientRequest read(HttpServletRequest request, String prefix) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            headers.put(name, Collections.list(request.getHeaders(name)));
        }
        return new ClientRequest(request.getMethod(), target(request, prefix), headers, peer(request));
    }

    /**
     * The raw path, if the container reads it as what it is. Containers decode, normalise and cut off path parameters before
     * they match; where that changed anything, the target is one that matches nothing.
     */
    private static String target(HttpServletRequest request, String prefix) {
        String raw = request.getRequestURI();
        String pathInfo = request.getPathInfo();
        String matched = request.getContextPath() + request.getServletPath() + (pathInfo == null ? "" : pathInfo);
        String base = request.getContextPath() + prefix;
        return raw != null && raw.equals(matched) && raw.startsWith(base + "/")
                ? raw.substring(base.length())
                : NO_TARGET;
    }

    /** A literal, which is parsed and never looked up. */
    private static InetAddress peer(HttpServletRequest request) {
        String address = request.getRemoteAddr();
        int zone = address.indexOf('%');
        try {
            return InetAddress.getByName(zone < 0 ? address : address.substring(0, zone));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the container's remote address is no literal", e);
        }
    }
}
