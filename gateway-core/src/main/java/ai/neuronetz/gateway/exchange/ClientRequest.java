package ai.neuronetz.gateway.exchange;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The head of a client's request: everything but its body.
 *
 * <p>Immutable. Not a record: a generated {@code toString} would print the key in the headers.
 */
public final class ClientRequest {

    private final String method;
    private final String target;
    private final Map<String, List<String>> headers;
    private final InetAddress peer;

    /**
     * @param method as sent, case kept
     * @param target the raw path and query, undecoded and without the context path
     * @param headers every value of every header in the order received; names in any case
     * @param peer the address at the other end of the socket, never one taken from a header
     */
    public ClientRequest(String method, String target, Map<String, List<String>> headers, InetAddress peer) {
        this.method = requireNonNull(method, "method");
        this.target = requireNonNull(target, "target");
        this.peer = requireNonNull(peer, "peer");
        Map<String, List<String>> copy = new LinkedHashMap<>();
        headers.forEach((name, values) -> copy.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        this.headers = Map.copyOf(copy);
    }

    public String method() {
        return method;
    }

    /** The raw path and, after a question mark, the query if there is one. */
    public String target() {
        return target;
    }

    /** All values of a header, empty if it was not sent. */
    public List<String> headers(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    public InetAddress peer() {
        return peer;
    }

    /** Method and path only: people put keys into queries. */
    @Override
    public String toString() {
        return method + " " + target.split("\\?", 2)[0];
    }
}
