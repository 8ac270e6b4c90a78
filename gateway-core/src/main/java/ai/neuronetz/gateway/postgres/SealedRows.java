package ai.neuronetz.gateway.postgres;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The rows of one kind, one after the other in the order of their transactions; only some are in memory. */
final class SealedRows implements AutoCloseable {

    private static final int FETCH = 1_000;

    private final AuditSource source;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private @Nullable Row next;

    /** One row, of which only the hash is kept. */
    static final class Row {

        private final AuditSource source;
        private final long tx;
        private final String key;
        private final String month;
        private final Instant at;
        private final byte[] hash;

        private Row(AuditSource source, ResultSet row) throws SQLException {
            this.source = source;
            this.tx = Long.parseUnsignedLong(row.getString(1));
            this.key = row.getString(2);
            this.month = row.getString(3);
            this.at = row.getObject(4, OffsetDateTime.class).toInstant();
            this.hash = sha256(row.getString(5));
        }

        AuditSource source() {
            return source;
        }

        /** Unsigned. */
        long tx() {
            return tx;
        }

        /** Rows of a seal are in its order. */
        String key() {
            return key;
        }

        /** Its key as people write it: numbers are padded so that they sort as text. */
        String name() {
            return key.indexOf('-') > 0 ? key : key.replaceFirst("^0+(?=.)", "");
        }

        String month() {
            return month;
        }

        Instant at() {
            return at;
        }

        void addTo(MessageDigest digest) {
            digest.update(hash);
        }

        String mark() {
            return HexFormat.of().formatHex(hash, 0, 4);
        }
    }

    private SealedRows(AuditSource source, PreparedStatement statement, ResultSet rows) {
        this.source = source;
        this.statement = statement;
        this.rows = rows;
    }

    /** @param from the first transaction, and {@code last} the last one, unsigned */
    static SealedRows open(Connection connection, AuditSource source, long from, long last) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(source.sql());
        try {
            statement.setFetchSize(FETCH);
            statement.setString(1, Long.toUnsignedString(from));
            statement.setString(2, Long.toUnsignedString(last));
            SealedRows opened = new SealedRows(source, statement, statement.executeQuery());
            opened.advance();
            return opened;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    /** The next row if its transaction comes before another one, else null. */
    @Nullable
    Row takeBefore(long end) throws SQLException {
        Row row = next;
        if (row == null || Long.compareUnsigned(row.tx(), end) >= 0) {
            return null;
        }
        advance();
        return row;
    }

    /** The next row, or null if there is none. */
    @Nullable
    Row take() throws SQLException {
        Row row = next;
        if (row != null) {
            advance();
        }
        return row;
    }

    private void advance() throws SQLException {
        next = rows.next() ? new Row(source, rows) : null;
    }

    static byte[] sha256(String text) {
        return newSha256().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256; use another one.", e);
        }
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
