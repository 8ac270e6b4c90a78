package ai.neuronetz.gateway.bench.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * CPU time that PostgreSQL has spent on the gateway's connections to a database, of which other work on the machine changes
 * far less than of how long things take. Linux only.
 */
final class ServerTimes {

    /** The kernel's USER_HZ, the same on all machines this runs on. */
    private static final double MILLIS_PER_TICK = 10;

    private ServerTimes() {}

    /** NaN where the kernel does not tell. */
    static double cpuMillis(BenchDatabase database) throws SQLException {
        double millis = 0;
        try (Connection connection = database.database().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pid FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND usename = 'gateway_app'")) {
            while (row.next()) {
                millis += ofProcess(row.getLong(1));
            }
        }
        return millis;
    }

    private static double ofProcess(long pid) {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        if (!Files.exists(stat)) {
            return Double.NaN;
        }
        try {
            // The fields after the name, which is in parentheses and may contain blanks, begin with the third.
            String text = Files.readString(stat);
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MILLIS_PER_TICK;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
