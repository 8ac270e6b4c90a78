package ai.neuronetz.gateway.exchange;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of a client's request, everything but its body, and what the server around the gateway knows of it. The first
 * stage decides by it.
 *
 * <p>Immutable. Not a record: a generated {@code toString} would print the key in the headers.
 */
public final class ClientRequest {

    private final String method;
    private final String target;
    private final Map<String, List<String>> headers;
    private final InetAddress peer;
    private final @Nullable Principal userPrincipal;
    private final boolean originAllowed;

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
        this.userPrincipal = null;
        this.originAllowed = false;
    }

    private ClientRequest(ClientRequest original, @Nullable Principal userPrincipal, boolean originAllowed) {
        this.method = original.method;
        this.target = original.target;
        this.headers = original.headers;
        this.peer = original.peer;
        this.userPrincipal = userPrincipal;
        this.originAllowed = originAllowed;
    }

    /** This request as one that the host has authenticated; null if it has not. */
    public ClientRequest withUserPrincipal(@Nullable Principal principal) {
        return new ClientRequest(this, principal, originAllowed);
    }

    /** This request as one whose {@code Origin} is on the server's list of those that may call from a browser (CORS). */
    public ClientRequest withAllowedOrigin() {
        return new ClientRequest(this, userPrincipal, true);
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

    /** Whom the host has authenticated by its own means, such as a session or a token; the gateway does not ask how. */
    public Optional<Principal> userPrincipal() {
        return Optional.ofNullable(userPrincipal);
    }

    /** Whether its {@code Origin} is on the server's list of those that may call from a browser. */
    public boolean originAllowed() {
        return originAllowed;
    }

    /** Method and path only: people put keys into queries. */
    @Override
    public String toString() {
        return method + " " + target.split("\\?", 2)[0];
    }
}
