package ai.neuronetz.gateway.redis;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How Redis is reached: {@code redis://[user:password@]host:port}, {@code rediss://…} for TLS,
 * {@code redis+sentinel://host:port,host:port/master} or {@code redis+cluster://host:port,host:port}.
 *
 * <p>Immutable. Not a record, because it holds a password.
 */
public final class RedisSettings {

    /** How many servers share the work, and who finds the one to ask. */
    enum Kind {
        SINGLE,
        SENTINEL,
        CLUSTER
    }

    private final Kind kind;
    private final List<String> addresses;
    private final @Nullable String user;
    private final @Nullable String password;
    private final @Nullable String master;

    private RedisSettings(
            Kind kind,
            List<String> addresses,
            @Nullable String user,
            @Nullable String password,
            @Nullable String master) {
        this.kind = kind;
        this.addresses = addresses;
        this.user = user;
        this.password = password;
        this.master = master;
    }

    /** @throws IllegalArgumentException if the URL cannot be read; the message does not quote it */
    public static RedisSettings parse(String url) {
        int end = url.indexOf("://");
        if (end < 0) {
            throw unreadable();
        }
        String scheme = url.substring(0, end).toLowerCase(Locale.ROOT);
        String rest = url.substring(end + 3);
        Kind kind =
                scheme.endsWith("+sentinel") ? Kind.SENTINEL : scheme.endsWith("+cluster") ? Kind.CLUSTER : Kind.SINGLE;
        String transport = scheme.replaceFirst("\\+.*", "");
        if (!transport.equals("redis") && !transport.equals("rediss")) {
            throw unreadable();
        }
        String user = null;
        String password = null;
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            String[] credentials = rest.substring(0, at).split(":", 2);
            user = credentials[0].isEmpty() || credentials.length < 2 ? null : decoded(credentials[0]);
            password = decoded(credentials[credentials.length - 1]);
            rest = rest.substring(at + 1);
        }
        String path = "";
        int slash = rest.indexOf('/');
        if (slash >= 0) {
            path = rest.substring(slash + 1);
            rest = rest.substring(0, slash);
        }
        List<String> addresses = Arrays.stream(rest.split(","))
                .map(host -> address(transport, host))
                .toList();
        boolean fits =
                kind == Kind.SENTINEL ? !path.isEmpty() : path.isEmpty() || kind == Kind.SINGLE && path.equals("0");
        if (!fits || kind == Kind.SINGLE && addresses.size() > 1) {
            throw unreadable();
        }
        return new RedisSettings(kind, addresses, user, password, path.isEmpty() ? null : path);
    }

    private static String address(String transport, String host) {
        URI uri = URI.create(transport + "://" + host);
        if (uri.getHost() == null) {
            throw unreadable();
        }
        return transport + "://" + uri.getHost() + ":" + (uri.getPort() < 0 ? 6379 : uri.getPort());
    }

    private static String decoded(String text) {
        return java.net.URLDecoder.decode(text.replace("+", "%2B"), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException unreadable() {
        return new IllegalArgumentException("REDIS_URL cannot be read; expected redis://host:6379, rediss://…, "
                + "redis+sentinel://host:26379,…/master or redis+cluster://host:6379,…");
    }

    Kind kind() {
        return kind;
    }

    List<String> addresses() {
        return addresses;
    }

    @Nullable
    String user() {
        return user;
    }

    @Nullable
    String password() {
        return password;
    }

    @Nullable
    String master() {
        return master;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "RedisSettings[" + kind + " " + addresses + "]";
    }
}
