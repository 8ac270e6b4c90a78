package ai.neuronetz.gateway.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * One database of a {@link TestPostgres} and its superuser. It goes away with the server.
 *
 * @param host always an address of this machine
 * @param port the server's TCP port
 */
public record TestDatabase(String host, int port, String name, String adminUser, String adminPassword) {
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

    /** Opens a connection as superuser; the caller closes it. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl());
    }
}
