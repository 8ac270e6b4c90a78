package ai.neuronetz.gateway.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Seals, by number and by time. */
final class SealReader {

    private static final int FETCH = 20;

    private final Connection connection;

    SealReader(Connection connection) {
        this.connection = connection;
    }

    /** Numbers, both inclusive; empty if the first is more than the last. */
    record Range(long first, long last) {}

    /** The newest seal, or null if there is none. */
    @Nullable
    Seal newest() throws SQLException {
        return one(Seal.SQL + " ORDER BY s.number DESC LIMIT 1", null);
    }

    @Nullable
    Seal find(long number) throws SQLException {
        return one(Seal.SQL + " WHERE s.number = ?", number);
    }

    /** The last seal before a number, or null if there is none. */
    @Nullable
    Seal before(long number) throws SQLException {
        return one(Seal.SQL + " WHERE s.number < ? ORDER BY s.number DESC LIMIT 1", number);
    }

    private @Nullable Seal one(String sql, @Nullable Long number) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            if (number != null) {
                statement.setLong(1, number);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Seal.of(row) : null;
            }
        }
    }

    /** The seals that cover anything of a span; what a seal covers was written before it {@code reached}. */
    Range range(@Nullable Instant since, @Nullable Instant until) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT coalesce((SELECT min(number) FROM gateway.audit_seal WHERE reached >= ?),
                                (SELECT max(number) + 1 FROM gateway.audit_seal), 1),
                       coalesce((SELECT min(number) FROM gateway.audit_seal WHERE reached >= ?),
                                (SELECT max(number) FROM gateway.audit_seal), 0)
                """)) {
            statement.setObject(1, at(since, OffsetDateTime.MIN));
            statement.setObject(2, at(until, OffsetDateTime.MAX));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Range(since == null ? 1 : row.getLong(1), row.getLong(2));
            }
        }
    }

    private static OffsetDateTime at(@Nullable Instant instant, OffsetDateTime otherwise) {
        return instant == null ? otherwise : instant.atOffset(ZoneOffset.UTC);
    }

    /** The first transaction, unsigned, that the seals up to a number do not cover. */
    long endOf(long number) throws SQLException {
        Seal seal = before(number + 1);
        return seal == null ? 0 : seal.to();
    }

    /** The month before which rows were dropped, as {@code 2026-09}; null if none were. */
    @Nullable
    String prunedBefore() throws SQLException {
        return text("SELECT max(left(details ->> 'before', 7)) FROM gateway.audit_change WHERE what = 'drop-audit'");
    }

    /** The first transaction, unsigned, that has not begun. */
    long nextTx() throws SQLException {
        return Long.parseUnsignedLong(String.valueOf(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")));
    }

    private @Nullable String text(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getString(1) : null;
        }
    }

    Cursor open(Range range) throws SQLException {
        PreparedStatement statement =
                connection.prepareStatement(Seal.SQL + " WHERE s.number BETWEEN ? AND ? ORDER BY s.number");
        statement.setFetchSize(FETCH);
        statement.setLong(1, range.first());
        statement.setLong(2, range.last());
        return new Cursor(statement, statement.executeQuery());
    }

    /** Seals one after the other. */
    static final class Cursor implements AutoCloseable {

        private final PreparedStatement statement;
        private final ResultSet rows;

        private Cursor(PreparedStatement statement, ResultSet rows) {
            this.statement = statement;
            this.rows = rows;
        }

        /** The next one, or null after the last. */
        @Nullable
        Seal next() throws SQLException {
            return rows.next() ? Seal.of(rows) : null;
        }

        @Override
        public void close() throws SQLException {
            statement.close();
        }
    }
}
