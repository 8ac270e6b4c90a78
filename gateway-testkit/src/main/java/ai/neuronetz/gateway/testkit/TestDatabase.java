package ai.neuronetz.gateway.testkit;

import java.net.URI;
import java.net.URISyntaxException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * One database of a {@link TestPostgres} and its superuser. It goes away with the server, or on one that was given with the
 * {@link TestGateway} it was made for.
 *
 * @param host of the testkit's own always an address of this machine
 * @param port the server's TCP port
 */
public record TestDatabase(String host, int port, String name, String adminUser, String adminPassword) {
    /** @throws IllegalArgumentException if it is no URL of this form; the message does not quote it */
    static TestDatabase parse(String url) {
        try {
            URI uri = new URI(url.strip());
            String login = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
            int colon = login.indexOf(':');
            boolean postgres = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
            if (postgres
                    && colon > 0
                    && uri.getHost() != null
                    && uri.getPath().length() > 1
                    && uri.getQuery() == null) {
                return new TestDatabase(
                        uri.getHost(),
                        uri.getPort() < 0 ? 5432 : uri.getPort(),
                        uri.getPath().substring(1),
                        login.substring(0, colon),
                        login.substring(colon + 1));
            }
        } catch (URISyntaxException e) {
            // Its message quotes the URL, and with it the password.
        }
        throw new IllegalArgumentException(
                "not a PostgreSQL URL (expected: postgresql://user:password@host[:port]/database)");
    }

    /** The JDBC URL with the superuser's name and password in it. */
    public String jdbcUrl() {
        return jdbcUrl(adminUser, adminPassword);
    }

    /** The JDBC URL for another role; both values must need no URL encoding. */
    public String jdbcUrl(String user, String password) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + name + "?user=" + user + "&password=" + password;
    }

    /** {@code postgresql://user:password@host:port/database}, for the superuser. */
    public String url() {
        return url(adminUser, adminPassword);
    }

    /** As {@link #url()} for another role; both values must need no URL encoding. */
    public String url(String user, String password) {
        return "postgresql://" + user + ":" + password + "@" + host + ":" + port + "/" + name;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "TestDatabase[" + adminUser + "@" + host + ":" + port + "/" + name + "]";
    }

    /** Opens a connection as superuser; the caller closes it. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl());
    }
}
