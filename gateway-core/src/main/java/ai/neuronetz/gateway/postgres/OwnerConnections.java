package ai.neuronetz.gateway.postgres;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** An administrator's connections that act as {@code gateway_owner}, so that it owns all they make. */
final class OwnerConnections implements DataSource {

    private final DatabaseSettings administrator;

    OwnerConnections(DatabaseSettings administrator) {
        this.administrator = administrator;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Properties properties = administrator.properties(0);
        Connection connection = new Driver().connect(administrator.jdbcUrl(), properties);
        if (connection == null) {
            throw new SQLException("not a PostgreSQL URL", "08001");
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE " + Migration.OWNER);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("the settings say who connects");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        // The driver logs through java.util.logging.
    }

    @Override
    public void setLoginTimeout(int seconds) {
        // The settings hold it.
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("nothing is wrapped");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
