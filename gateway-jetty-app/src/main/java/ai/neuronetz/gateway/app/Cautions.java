package ai.neuronetz.gateway.app;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is allowed and yet dangerous in the settings, as a warning each. */
final class Cautions {

    private static final int MANY_FAILURES = 1_000;

    private static final Pattern PLAIN_ORIGIN =
            Pattern.compile("http://(?!(localhost|127\\.0\\.0\\.1|\\[::1])(:|$)).*");
    private static final Pattern WIDE_NETWORK = Pattern.compile("[0-9.]+/[0-7]|[0-9a-fA-F:]+/([0-9]|1[0-5])");
    private static final Pattern LITERAL = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+]");

    private Cautions() {}

    static List<String> of(Settings settings) {
        List<String> cautions = new ArrayList<>();
        String host = settings.required(Setting.LISTEN_HOST);
        if (!isLoopback(host) && settings.find(Setting.TLS_CERTIFICATE_FILE).isEmpty()) {
            cautions.add("LISTEN_HOST " + host + " can be reached from other machines: without TLS in front of it, keys"
                    + " and prompts cross the network in the clear");
        }
        String management = settings.required(Setting.MANAGEMENT_HOST);
        if (!isLoopback(management) && !"off".equals(settings.required(Setting.MANAGEMENT_PORT))) {
            cautions.add("MANAGEMENT_HOST " + management
                    + " shows metrics without a key to whoever reaches it: let only" + " Prometheus do so");
        }
        if (isPublic(settings.ollamaUrl().getHost())) {
            cautions.add(
                    "OLLAMA_URL is a public address: Ollama asks nobody for a key, so whoever reaches it there needs"
                            + " no gateway");
        }
        if (settings.bool(Setting.SHOW_MODEL_PROMPTS)) {
            cautions.add("SHOW_MODEL_PROMPTS tells every caller the templates and system prompts of the models");
        }
        if (settings.integer(Setting.AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN, 1, Integer.MAX_VALUE) > MANY_FAILURES) {
            cautions.add("AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN is so high that it bars hardly anybody");
        }
        list(settings, Setting.CORS_ALLOWED_ORIGINS)
                .filter(origin -> PLAIN_ORIGIN.matcher(origin).matches())
                .forEach(origin -> cautions.add("CORS_ALLOWED_ORIGINS has " + origin
                        + ", whose pages can be altered on their way, and with them what they do with a key"));
        list(settings, Setting.TRUSTED_PROXIES)
                .filter(network -> WIDE_NETWORK.matcher(network).matches())
                .forEach(network -> cautions.add("TRUSTED_PROXIES has " + network
                        + ": everybody in that network can claim any address, and is never barred"));
        return cautions;
    }

    private static Stream<String> list(Settings settings, Setting setting) {
        return Arrays.stream(settings.required(setting).split(",")).map(String::strip);
    }

    static boolean isLoopback(String host) {
        return host.equals("localhost")
                || literal(host).map(InetAddress::isLoopbackAddress).orElse(false);
    }

    private static boolean isPublic(String host) {
        return literal(host).map(address -> !isPrivate(address)).orElse(false);
    }

    static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
        return address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || uniqueLocal;
    }

    /** Only what is written as an address: the start shall not wait for a name server. */
    private static Optional<InetAddress> literal(String host) {
        String text = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        if (!LITERAL.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
