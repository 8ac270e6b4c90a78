package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.Internal;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The proxies whose {@code X-Forwarded-For} is believed.
 *
 * <p>Immutable.
 */
@Internal
public final class TrustedProxies {

    private static final TrustedProxies NONE = new TrustedProxies(List.of());

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /** Believes nobody: what is right unless a proxy stands in front of the gateway. */
    public static TrustedProxies none() {
        return NONE;
    }

    /**
     * Reads a list of networks, such as {@code 10.1.0.0/16, 2001:db8::/48, 192.0.2.7}.
     *
     * @param list separated by commas or white space; blank trusts none; an address without a prefix length is itself alone
     * @throws IllegalArgumentException if an entry is no network, has bits beyond its prefix, or would trust everybody
     */
    public static TrustedProxies parse(String list) {
        List<Network> networks = new ArrayList<>();
        for (String entry : list.split("[,\\s]+", -1)) {
            if (!entry.isEmpty()) {
                networks.add(Network.parse(entry));
            }
        }
        return networks.isEmpty() ? NONE : new TrustedProxies(networks);
    }

    /** Whether the address is one of the proxies. */
    public boolean trusts(InetAddress address) {
        return !networks.isEmpty() && trusts(IpAddress.of(address));
    }

    boolean trusts(IpAddress address) {
        for (Network network : networks) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "TrustedProxies" + networks;
    }

    private record Network(IpAddress first, int bits) {

        static Network parse(String entry) {
            int slash = entry.indexOf('/');
            IpAddress first = IpAddress.parse(slash < 0 ? entry : entry.substring(0, slash))
                    .orElseThrow(() -> invalid(entry, "an IP address, perhaps with /prefix-length"));
            int bits = slash < 0 ? first.length() : bits(entry, entry.substring(slash + 1), first.length());
            if (!first.prefix(bits).equals(first)) {
                throw invalid(entry, "no bits set beyond the prefix length");
            }
            return new Network(first, bits);
        }

        boolean contains(IpAddress address) {
            return address.version4() == first.version4()
                    && address.prefix(bits).equals(first);
        }

        private static int bits(String entry, String text, int length) {
            if (text.matches("[1-9][0-9]{0,2}") && Integer.parseInt(text) <= length) {
                return Integer.parseInt(text);
            }
            throw invalid(entry, "a prefix length of 1 to " + length + "; 0 would believe everybody");
        }

        private static IllegalArgumentException invalid(String entry, String expected) {
            return new IllegalArgumentException("trusted proxy: " + entry + " (expected: " + expected + ")");
        }
    }
}
