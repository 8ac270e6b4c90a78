package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.ClientRequest;
import java.util.List;
import java.util.Optional;

/** Where a request comes from, in the one form that failures are counted and audited under. */
@Internal
public final class SourceAddress {

    private static final String FORWARDED_FOR = "x-forwarded-for";
    private static final int MAX_LENGTH = 1024;
    private static final int MAX_HOPS = 20;

    private SourceAddress() {}

    /**
     * The client's address: an IPv4 address such as {@code 192.0.2.7}, or the /64 of an IPv6 one such as
     * {@code 2001:db8:1:2::/64}.
     *
     * <p>It is the peer's, unless the peer is a trusted proxy: then {@code X-Forwarded-For} is read from its right end, where
     * that proxy wrote, to the first address that is not a trusted proxy. What stands left of it is the client's own
     * invention and is not looked at.
     *
     * @return empty if a trusted proxy sent more than 1,024 characters, more than 20 hops, or something that is no address
     *     where one had to be read
     */
    public static Optional<String> of(ClientRequest request, TrustedProxies proxies) {
        IpAddress peer = IpAddress.of(request.peer());
        List<String> headers = request.headers(FORWARDED_FOR);
        if (headers.isEmpty() || !proxies.trusts(peer)) {
            return Optional.of(peer.source());
        }
        // Header lines of the same name are one list, in the order received.
        String list = String.join(",", headers);
        if (list.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String[] hops = list.split(",", -1);
        if (hops.length > MAX_HOPS) {
            return Optional.empty();
        }
        IpAddress client = peer;
        for (int index = hops.length - 1; index >= 0 && proxies.trusts(client); index--) {
            Optional<IpAddress> hop = IpAddress.parse(withoutPort(hops[index].strip()));
            if (hop.isEmpty()) {
                return Optional.empty();
            }
            client = hop.get();
        }
        return Optional.of(client.source());
    }

    /** The peer's address in the same form, whatever headers say; for a request whose header was not acceptable. */
    public static String ofPeer(ClientRequest request) {
        return IpAddress.of(request.peer()).source();
    }

    /** {@code 192.0.2.7:443} and {@code [2001:db8::1]:443} without what is not the address. */
    private static String withoutPort(String hop) {
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            boolean whole = end > 0 && (end == hop.length() - 1 || isPort(hop.substring(end + 1)));
            String inner = whole ? hop.substring(1, end) : "";
            // Brackets are for IPv6 only.
            return inner.indexOf(':') >= 0 ? inner : "";
        }
        int colon = hop.indexOf(':');
        boolean one = colon >= 0 && colon == hop.lastIndexOf(':');
        return one && isPort(hop.substring(colon)) ? hop.substring(0, colon) : hop;
    }

    private static boolean isPort(String text) {
        return text.matches(":[0-9]{1,5}");
    }
}
