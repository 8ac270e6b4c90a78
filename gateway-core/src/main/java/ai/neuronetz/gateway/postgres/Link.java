package ai.neuronetz.gateway.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * One connection of one thread's own, opened when it is needed and again after it broke.
 *
 * <p>Not thread-safe, but for {@link #close}.
 */
final class Link implements AutoCloseable {

    /** Makes the commit durable also where the server's default would answer before it is. */
    static final String DURABLE = "SELECT set_config('synchronous_commit', 'on', false)"
            + " WHERE current_setting('synchronous_commit') = 'off'";

    private final String url;
    private final Properties properties;
    private final int statementTimeoutMillis;
    private final int lockTimeoutMillis;
    private volatile @Nullable Connection connection;

    /**
     * A link that is not opened yet.
     *
     * @param lockTimeoutMillis how long a statement may wait for one lock
     * @param socketTimeoutSeconds more than the statement may take
     */
    Link(DatabaseSettings settings, int statementTimeoutMillis, int lockTimeoutMillis, int socketTimeoutSeconds) {
        this.url = settings.jdbcUrl();
        this.properties = settings.properties(socketTimeoutSeconds);
        this.statementTimeoutMillis = statementTimeoutMillis;
        this.lockTimeoutMillis = lockTimeoutMillis;
    }

    /** Work on a connection in autocommit. */
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    <T> T call(Work<T> work) throws SQLException {
        Connection current = connection;
        if (current == null) {
            current = open();
            connection = current;
        }
        try {
            return work.on(current);
        } catch (SQLException e) {
            if (!isStatementFault(e) && !isBusy(e)) {
                close();
            }
            throw e;
        }
    }

    private Connection open() throws SQLException {
        Connection opened = new Driver().connect(url, properties);
        if (opened == null) {
            throw new SQLException("not a PostgreSQL URL", "08001");
        }
        try (Statement statement = opened.createStatement()) {
            statement.execute("SET statement_timeout = " + statementTimeoutMillis);
            statement.execute("SET lock_timeout = " + lockTimeoutMillis);
            statement.execute(DURABLE);
            return opened;
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
    }

    /** Whether the values are to blame and not the connection or the server: the same again would fail again. */
    static boolean isStatementFault(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    /** Whether others were in the way and the transaction was undone: the same again may succeed. */
    static boolean isBusy(SQLException e) {
        String state = e.getSQLState();
        // Lock not available, statement timed out, deadlock, serialization failure.
        return "55P03".equals(state) || "57014".equals(state) || "40P01".equals(state) || "40001".equals(state);
    }

    @Override
    public void close() {
        Connection current = connection;
        connection = null;
        if (current != null) {
            try {
                // Not close(), which would say goodbye to a server that may not be listening.
                current.abort(Runnable::run);
            } catch (SQLException e) {
                // It is gone either way.
                return;
            }
        }
    }
}
