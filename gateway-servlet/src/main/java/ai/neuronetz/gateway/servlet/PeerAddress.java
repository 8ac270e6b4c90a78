package ai.neuronetz.gateway.servlet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads an address literal, and never asks a name server. */
final class PeerAddress {

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern VERSION_4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
    // Jetty writes brackets, Tomcat none; either may name the interface of a link-local address.
    private static final Pattern VERSION_6 =
            Pattern.compile("\\[?([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:%[0-9A-Za-z._-]+)?]?");

    private PeerAddress() {}

    /**
     * @throws IllegalArgumentException if the text is no IPv4 or IPv6 literal; a peer that is not known is not served
     */
    static InetAddress parse(@Nullable String text) {
        if (text != null) {
            Matcher version6 = VERSION_6.matcher(text);
            try {
                if (VERSION_4.matcher(text).matches()) {
                    return InetAddress.getByName(text);
                }
                if (version6.matches()) {
                    // In brackets, so that what is no literal is an error and not a name.
                    return InetAddress.getByName("[" + version6.group(1) + "]");
                }
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("peer address: not an IPv4 or IPv6 literal", e);
            }
        }
        throw new IllegalArgumentException("peer address: not an IPv4 or IPv6 literal (serve over TCP)");
    }
}
