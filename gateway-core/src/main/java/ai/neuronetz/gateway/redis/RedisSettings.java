package ai.neuronetz.gateway.redis;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is and how to log in, as {@code REDIS_URL} says it:
 *
 * <pre>
 * redis://[[user]:password@]host[:6379][/database]
 * redis+sentinel://[[user]:password@]host[:26379],…/master-name[/database]
 * redis+cluster://[[user]:password@]host[:6379],…
 * </pre>
 *
 * <p>The login is that of the servers; Sentinels are asked without one. A cluster should run with
 * {@code cluster-require-full-coverage no}: otherwise one node that is away denies all tenants and not only its own.
 *
 * <p>With {@code rediss} instead of {@code redis} the connection is TLS and the server's certificate and name are checked, against what
 * the JVM trusts ({@code javax.net.ssl.trustStore}).
 * User and password are percent-encoded. Not a record: it holds a password. Immutable.
 */
public final class RedisSettings {

    private static final Pattern URL =
            Pattern.compile("(?<scheme>rediss?)(?:\\+(?<kind>sentinel|cluster))?://(?:(?<login>.*)@)?(?<hosts>[^/@?#]+)"
                    + "(?:/(?<path>[^?#@]*))?");
    private static final Pattern HOST =
            Pattern.compile("(?<host>\\[[0-9A-Fa-f:.]+]|[0-9A-Za-z._-]+)(?::(?<port>\\d{1,5}))?");
    private static final Pattern MASTER_NAME = Pattern.compile("[0-9A-Za-z._-]+");
    private static final String EXPECTED = "expected redis://[user:password@]host[:port][/database],"
            + " redis+sentinel://host,…/master-name or redis+cluster://host,… (rediss for TLS)";

    /** How several servers are one Redis. */
    enum Kind {
        SINGLE,
        SENTINEL,
        CLUSTER
    }

    private final Kind kind;
    private final List<String> addresses;
    private final @Nullable String masterName;
    private final @Nullable String user;
    private final @Nullable String password;
    private final int database;

    private RedisSettings(
            Kind kind,
            List<String> addresses,
            @Nullable String masterName,
            @Nullable String user,
            @Nullable String password,
            int database) {
        this.kind = kind;
        this.addresses = List.copyOf(addresses);
        this.masterName = masterName;
        this.user = user;
        this.password = password;
        this.database = database;
    }

    /**
     * Reads a URL.
     *
     * @throws ConfigurationException if it is none of the forms above; the message does not quote it, since it may hold a
     *     password
     */
    public static RedisSettings parse(String url) {
        Matcher matcher = URL.matcher(requireNonNull(url, "url").strip());
        if (!matcher.matches()) {
            throw invalid("not a Redis URL");
        }
        Kind kind = kind(matcher.group("kind"));
        List<String> addresses =
                addresses(matcher.group("scheme"), matcher.group("hosts"), kind == Kind.SENTINEL ? 26379 : 6379);
        if (kind == Kind.SINGLE && addresses.size() > 1) {
            throw invalid("several hosts need redis+sentinel or redis+cluster");
        }
        String path = matcher.group("path") == null ? "" : matcher.group("path");
        String masterName = null;
        if (kind == Kind.SENTINEL) {
            int slash = path.indexOf('/');
            masterName = slash < 0 ? path : path.substring(0, slash);
            path = slash < 0 ? "" : path.substring(slash + 1);
            if (!MASTER_NAME.matcher(masterName).matches()) {
                throw invalid("Sentinel needs the master's name after the hosts");
            }
        }
        int database = database(path);
        if (kind == Kind.CLUSTER && database != 0) {
            throw invalid("a cluster has database 0 only");
        }
        String login = matcher.group("login");
        String user = null;
        String password = null;
        if (login != null) {
            int colon = login.indexOf(':');
            if (colon < 0 || colon == login.length() - 1) {
                throw invalid("the part before @ is user:password or :password");
            }
            user = colon == 0 ? null : decoded(login.substring(0, colon));
            password = decoded(login.substring(colon + 1));
        }
        return new RedisSettings(kind, addresses, masterName, user, password, database);
    }

    Kind kind() {
        return kind;
    }

    /** Each with scheme and port, at least one. */
    List<String> addresses() {
        return addresses;
    }

    /** Given exactly if Sentinel is used. */
    Optional<String> masterName() {
        return Optional.ofNullable(masterName);
    }

    Optional<String> user() {
        return Optional.ofNullable(user);
    }

    Optional<String> password() {
        return Optional.ofNullable(password);
    }

    int database() {
        return database;
    }

    @Override
    public String toString() {
        return "RedisSettings[" + kind + " " + addresses + (masterName == null ? "" : " " + masterName) + " database "
                + database + (password == null ? ", no password]" : ", with password]");
    }

    private static Kind kind(@Nullable String name) {
        if (name == null) {
            return Kind.SINGLE;
        }
        return name.equals("sentinel") ? Kind.SENTINEL : Kind.CLUSTER;
    }

    private static List<String> addresses(String scheme, String hosts, int defaultPort) {
        List<String> addresses = new ArrayList<>();
        for (String each : hosts.split(",", -1)) {
            Matcher matcher = HOST.matcher(each);
            if (!matcher.matches()) {
                throw invalid("a host is missing or malformed");
            }
            String port = matcher.group("port");
            int number = port == null ? defaultPort : Integer.parseInt(port);
            if (number < 1 || number > 65535) {
                throw invalid("a port is not between 1 and 65535");
            }
            addresses.add(scheme + "://" + matcher.group("host") + ":" + number);
        }
        return addresses;
    }

    private static int database(String path) {
        if (path.isEmpty()) {
            return 0;
        }
        if (!path.matches("\\d{1,4}")) {
            throw invalid("the database is not a number");
        }
        return Integer.parseInt(path);
    }

    private static String decoded(String text) {
        try {
            // A plus sign is a plus sign here; only form data means a space by it.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid("user and password must be percent-encoded");
        }
    }

    private static ConfigurationException invalid(String what) {
        return new ConfigurationException("REDIS_URL: " + what + "; " + EXPECTED);
    }
}
