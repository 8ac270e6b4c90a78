package ai.neuronetz.gateway.servlet;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The origins whose pages may call the gateway from a browser. Immutable; compared byte for byte. */
public final class AllowedOrigins {

    /** No page may: the default. */
    public static final AllowedOrigins NONE = new AllowedOrigins(Set.of());

    private static final Pattern ORIGIN = Pattern.compile(
            "([a-z][a-z0-9+.-]*)://(?:[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+])(?::([1-9][0-9]{0,4}))?");
    private static final int MAX_PORT = 65_535;

    private final Set<String> origins;

    private AllowedOrigins(Set<String> origins) {
        this.origins = origins;
    }

    /**
     * Reads a list such as {@code https://chat.example, http://localhost:3000}; an empty one is {@link #NONE}.
     *
     * @throws IllegalArgumentException if an entry is not an origin as browsers send it, since it would match nothing, or
     *     if it is a wildcard, since that would open the gateway to every page there is
     */
    public static AllowedOrigins parse(String list) {
        if (list.isBlank()) {
            return NONE;
        }
        Set<String> origins = new LinkedHashSet<>();
        for (String entry : list.split(",", -1)) {
            String origin = entry.strip();
            requireOrigin(origin);
            origins.add(origin);
        }
        return new AllowedOrigins(Set.copyOf(origins));
    }

    boolean contains(String origin) {
        return origins.contains(origin);
    }

    private static void requireOrigin(String origin) {
        if (origin.contains("*")) {
            throw new IllegalArgumentException(
                    origin + " (expected: no wildcard, since every page on the web would match; name each origin)");
        }
        Matcher matcher = ORIGIN.matcher(origin);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(origin + " (expected: scheme://host or scheme://host:port in lower case,"
                    + " without a path, such as https://chat.example)");
        }
        String port = matcher.group(2);
        if (port == null) {
            return;
        }
        if (Integer.parseInt(port) > MAX_PORT) {
            throw new IllegalArgumentException(origin + " (expected: a port up to " + MAX_PORT + ")");
        }
        boolean standard = switch (matcher.group(1)) {
            case "http" -> port.equals("80");
            case "https" -> port.equals("443");
            default -> false;
        };
        if (standard) {
            throw new IllegalArgumentException(
                    origin + " (expected: without the port, which browsers leave out because it is the scheme's own)");
        }
    }

    @Override
    public String toString() {
        return origins.toString();
    }
}
