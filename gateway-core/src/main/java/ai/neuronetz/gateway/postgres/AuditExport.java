package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.admin.AuditFilter;
import ai.neuronetz.gateway.admin.AuditFilter.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Every row as a JSON object of its columns, one table after the other, in the order in which they were written. */
final class AuditExport {

    private static final int FETCH = 500;

    private final Connection connection;
    private final AuditFilter filter;
    private final Consumer<String> line;
    private long count;

    AuditExport(Connection connection, AuditFilter filter, Consumer<String> line) {
        this.connection = connection;
        this.filter = filter;
        this.line = line;
    }

    /** Within a read-only transaction of one snapshot. */
    long run() throws SQLException {
        if (filter.admits(Kind.REQUEST)) {
            export(
                    "admission",
                    "admission",
                    "admitted_at",
                    "tx",
                    " AND coalesce((SELECT s.outcome"
                            + " FROM gateway.settlement s WHERE s.request_id = t.request_id), 'OPEN') = ?");
            export("settlement", "settlement", "settled_at", "tx", " AND t.outcome = ?");
        }
        if (filter.admits(Kind.DENIAL)) {
            export("denial", "audit_denial", "at", "tx", "");
        }
        if (filter.admits(Kind.REFUSALS)) {
            export("refusal", "audit_refusal", "minute", "tx", "");
            export("refusal_count", "refusal_count", "minute", "minute", "");
        }
        if (filter.admits(Kind.CHANGE)) {
            export("change", "audit_change", "at", "tx", "");
        }
        if (filter.admits(Kind.SEAL)) {
            export("seal", "audit_seal", "sealed_at", "number", "");
            export("signature", "audit_signature", "signed_at", "number", "");
        }
        return count;
    }

    private void export(String kind, String table, String at, String order, String outcome) throws SQLException {
        List<Object> values = new ArrayList<>();
        StringBuilder sql = new StringBuilder("SELECT row_to_json(r)::text FROM (SELECT '" + kind
                + "' AS kind, t.* FROM gateway." + table + " t WHERE true");
        if (filter.tenantId() != null) {
            sql.append(" AND t.tenant_id = ?");
            values.add(filter.tenantId());
        }
        if (filter.keyId() != null) {
            sql.append(" AND t.key_id = ?");
            values.add(filter.keyId());
        }
        if (filter.since() != null) {
            sql.append(" AND t.").append(at).append(" >= ?");
            values.add(filter.since().atOffset(ZoneOffset.UTC));
        }
        if (filter.until() != null) {
            sql.append(" AND t.").append(at).append(" < ?");
            values.add(filter.until().atOffset(ZoneOffset.UTC));
        }
        if (!outcome.isEmpty() && filter.outcome() != null) {
            sql.append(outcome);
            values.add(filter.outcome());
        }
        sql.append(" ORDER BY t.").append(order).append(") r");
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            statement.setFetchSize(FETCH);
            for (int i = 0; i < values.size(); i++) {
                statement.setObject(i + 1, values.get(i));
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    line.accept(rows.getString(1));
                    count++;
                }
            }
        }
    }
}
