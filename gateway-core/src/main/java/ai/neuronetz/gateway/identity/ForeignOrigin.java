package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.ClientRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Tells requests that a page of another origin caused, by what browsers say of them. For callers who are known by what a
 * browser sends by itself.
 */
final class ForeignOrigin {

    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final Set<String> OWN = Set.of("same-origin", "none");

    private ForeignOrigin() {}

    /** What cannot be told is foreign; what says nothing is no browser's. */
    static boolean caused(ClientRequest request) {
        if (READING.contains(request.method()) || request.originAllowed()) {
            return false;
        }
        List<String> sites = request.headers("Sec-Fetch-Site");
        if (!sites.isEmpty()) {
            return !OWN.containsAll(sites);
        }
        List<String> origins = request.headers("Origin");
        return !origins.isEmpty() && !(origins.size() == 1 && isHost(origins.get(0), request.headers("Host")));
    }

    /** The scheme is not compared: a proxy may have taken the encryption off. */
    private static boolean isHost(String origin, List<String> hosts) {
        int authority = origin.indexOf("://");
        return authority > 0
                && hosts.size() == 1
                && origin.substring(authority + 3)
                        .toLowerCase(Locale.ROOT)
                        .equals(hosts.get(0).toLowerCase(Locale.ROOT));
    }
}
