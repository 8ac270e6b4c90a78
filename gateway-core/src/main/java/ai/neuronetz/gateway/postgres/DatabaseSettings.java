package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.ConfigurationException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where PostgreSQL is, and as whom to connect.
 *
 * <p>Immutable. Not a record: the password is in no {@code toString}.
 */
public final class DatabaseSettings {

    private static final Pattern HOSTS = Pattern.compile("[A-Za-z0-9.:,_\\[\\]-]*");

    private final String jdbcUrl;
    private final @Nullable String user;
    private final @Nullable String password;

    private DatabaseSettings(String jdbcUrl, @Nullable String user, @Nullable String password) {
        this.jdbcUrl = jdbcUrl;
        this.user = user;
        this.password = password;
    }

    /**
     * Reads {@code postgresql://user:password@host:port/database?sslmode=require}, {@code postgres://…} or
     * {@code jdbc:postgresql://…}. User and password may also be the parameters {@code user} and {@code password}.
     *
     * @throws ConfigurationException if it is none of these; the message does not repeat it, since it may hold a password
     */
    public static DatabaseSettings parse(String url) {
        String rest = afterScheme(url.strip());
        int query = rest.indexOf('?');
        String parameters = query < 0 ? "" : rest.substring(query + 1);
        String place = query < 0 ? rest : rest.substring(0, query);
        String user = null;
        String password = null;
        int at = place.lastIndexOf('@');
        if (at >= 0) {
            String credentials = place.substring(0, at);
            place = place.substring(at + 1);
            int colon = credentials.indexOf(':');
            user = decode(colon < 0 ? credentials : credentials.substring(0, colon));
            password = colon < 0 ? null : decode(credentials.substring(colon + 1));
        }
        int slash = place.indexOf('/');
        String hosts = slash < 0 ? place : place.substring(0, slash);
        String database = slash < 0 ? "" : place.substring(slash + 1);
        if (hosts.isEmpty() || !HOSTS.matcher(hosts).matches() || database.isEmpty() || database.contains("/")) {
            throw malformed();
        }
        for (String host : hosts.split(",", -1)) {
            requirePort(host);
        }
        List<String> kept = new ArrayList<>();
        for (String parameter : parameters.isEmpty() ? new String[0] : parameters.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals <= 0) {
                throw malformed();
            }
            String name = parameter.substring(0, equals);
            String value = parameter.substring(equals + 1);
            switch (name) {
                case "user" -> user = decode(value);
                case "password" -> password = decode(value);
                case "application_name" -> kept.add("ApplicationName=" + value);
                case "connect_timeout" -> kept.add("connectTimeout=" + value);
                default -> kept.add(parameter);
            }
        }
        String jdbcUrl =
                "jdbc:postgresql://" + hosts + "/" + database + (kept.isEmpty() ? "" : "?" + String.join("&", kept));
        return new DatabaseSettings(jdbcUrl, user, password);
    }

    /** These settings with another user. */
    public DatabaseSettings withUser(String other) {
        return new DatabaseSettings(jdbcUrl, other, password);
    }

    /** These settings with another password. */
    public DatabaseSettings withPassword(String other) {
        return new DatabaseSettings(jdbcUrl, user, other);
    }

    /** Without user and password. */
    public String jdbcUrl() {
        return jdbcUrl;
    }

    /** The user as which to connect, or null for the driver's default. */
    public @Nullable String user() {
        return user;
    }

    @Nullable
    String password() {
        return password;
    }

    /**
     * What the driver is told.
     *
     * @param socketTimeoutSeconds how long any answer may take, or 0 for ever
     */
    Properties properties(int socketTimeoutSeconds) {
        Properties properties = new Properties();
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        properties.setProperty("ApplicationName", "neuronetz-gateway");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", "1");
        properties.setProperty("sslResponseTimeout", "1000");
        if (socketTimeoutSeconds > 0) {
            properties.setProperty("loginTimeout", "2");
            properties.setProperty("socketTimeout", Integer.toString(socketTimeoutSeconds));
        } else {
            properties.setProperty("loginTimeout", "10");
        }
        return properties;
    }

    @Override
    public String toString() {
        int query = jdbcUrl.indexOf('?');
        return "DatabaseSettings[" + (user == null ? "" : user + "@")
                + (query < 0 ? jdbcUrl : jdbcUrl.substring(0, query)).substring("jdbc:postgresql://".length()) + "]";
    }

    private static String afterScheme(String url) {
        String lower = url.toLowerCase(Locale.ROOT);
        for (String scheme : List.of("jdbc:postgresql://", "postgresql://", "postgres://")) {
            if (lower.startsWith(scheme)) {
                return url.substring(scheme.length());
            }
        }
        throw malformed();
    }

    /** The driver says of such a port only that there is no driver, with a stack trace. */
    private static void requirePort(String host) {
        int colon = host.lastIndexOf(':');
        if (colon < 0 || colon < host.lastIndexOf(']')) {
            return;
        }
        String port = host.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
            throw malformed();
        }
    }

    private static String decode(String text) {
        try {
            // A plus is a plus here, unlike in a form.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
    }

    private static ConfigurationException malformed() {
        return new ConfigurationException("the database URL is malformed; write"
                + " postgresql://user:password@host:5432/database, with reserved characters percent-encoded");
    }
}
