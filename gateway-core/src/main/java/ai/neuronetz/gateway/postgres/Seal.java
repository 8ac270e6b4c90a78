package ai.neuronetz.gateway.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A seal as it is stored.
 *
 * @param text what its hash is of
 * @param from the first transaction it covers, unsigned
 * @param to the first one it does not cover any more, unsigned
 * @param reached what a later seal covers was written after this
 * @param signature null if it is not signed
 */
record Seal(
        long number,
        String previous,
        long from,
        long to,
        Instant reached,
        Instant sealedAt,
        String parts,
        String hash,
        String text,
        @Nullable Signature signature) {

    static final String FIRST_PREVIOUS = "00".repeat(32);

    /** With something in the place of what may be missing, which its hash then shows. */
    static final String SQL = """
            SELECT s.number, encode(coalesce(s.previous, ''), 'hex') AS previous, coalesce(s.from_tx, '0')::text AS from_tx,
                   coalesce(s.to_tx, '0')::text AS to_tx, coalesce(s.reached, '-infinity') AS reached,
                   coalesce(s.sealed_at, '-infinity') AS sealed_at, coalesce(s.parts::text, '') AS parts,
                   encode(coalesce(s.hash, ''), 'hex') AS hash,
                   concat_ws(E'\\n', 'audit seal ' || s.format, s.number, encode(s.previous, 'hex'), s.from_tx, s.to_tx,
                       extract(epoch FROM s.reached), extract(epoch FROM s.sealed_at), s.rows, s.parts) AS text,
                   g.key_id, encode(g.mac, 'hex') AS mac
              FROM gateway.audit_seal s LEFT JOIN gateway.audit_signature g USING (number)
            """;

    private static final ObjectMapper JSON = new ObjectMapper();

    record Signature(String keyId, String mac) {}

    /** Rows of one kind and month. */
    record PartId(String source, String month) {}

    /** @param marks the first eight hexadecimal digits of each row's hash, in the order of their keys */
    record Part(long rows, String digest, String marks) {}

    static Seal of(ResultSet row) throws SQLException {
        String keyId = row.getString("key_id");
        String mac = row.getString("mac");
        return new Seal(
                row.getLong("number"),
                row.getString("previous"),
                Long.parseUnsignedLong(row.getString("from_tx")),
                Long.parseUnsignedLong(row.getString("to_tx")),
                row.getObject("reached", OffsetDateTime.class).toInstant(),
                row.getObject("sealed_at", OffsetDateTime.class).toInstant(),
                row.getString("parts"),
                row.getString("hash"),
                row.getString("text"),
                keyId == null || mac == null ? null : new Signature(keyId, mac));
    }

    /** Empty if what is stored is none. */
    Map<PartId, Part> readParts() {
        Map<PartId, Part> read = new LinkedHashMap<>();
        try {
            for (JsonNode node : JSON.readTree(parts)) {
                read.put(
                        new PartId(
                                node.path("source").asText(), node.path("month").asText()),
                        new Part(
                                node.path("rows").asLong(),
                                node.path("digest").asText(),
                                node.path("marks").asText()));
            }
        } catch (JsonProcessingException e) {
            return Map.of();
        }
        return read;
    }
}
