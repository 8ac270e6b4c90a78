package ai.neuronetz.gateway.bench.ledger;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The usual limiter: reads what is spent, compares, and adds when the answer has come. The negative control. */
final class CheckThenCharge implements Limiter {

    /** Far shorter than any answer of a model. */
    private static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final List<Connection> connections = new ArrayList<>();
    private final long limit;
    private final long tokens;

    /** @param callers each gets a connection of its own */
    CheckThenCharge(String jdbcUrl, int callers, long limit, long tokens) throws SQLException {
        this.limit = limit;
        this.tokens = tokens;
        for (int n = 0; n < callers; n++) {
            connections.add(DriverManager.getConnection(jdbcUrl));
        }
    }

    static void createTable(BenchDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE public.usual_limiter (spent bigint NOT NULL)",
                "INSERT INTO public.usual_limiter VALUES (0)");
    }

    @Override
    public String decide(int caller) throws SQLException {
        Connection connection = connections.get(caller);
        try (PreparedStatement read = connection.prepareStatement("SELECT spent FROM public.usual_limiter");
                ResultSet row = read.executeQuery()) {
            row.next();
            if (row.getLong(1) + tokens > limit) {
                return OVER_BUDGET;
            }
        }
        LockSupport.parkNanos(ANSWER_NANOS);
        try (PreparedStatement add = connection.prepareStatement("UPDATE public.usual_limiter SET spent = spent + ?")) {
            add.setLong(1, tokens);
            add.executeUpdate();
        }
        return ADMITTED;
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
