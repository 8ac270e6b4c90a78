package ai.neuronetz.gateway.testkit;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the ledger holds of a stretch of time, read behind the gateway's back. Thread-safe. */
final class LedgerView {

    private static final String ADMISSIONS = """
            SELECT a.request_id, a.tenant_id, a.key_id, a.endpoint, a.model, a.input_bound, a.output_cap,
                   s.basis, s.charged,
                   coalesce(greatest(k.revision, t.revision) = a.revision, false) AS current_terms,
                   coalesce(k.allow_all_models, t.allow_all_models, false) AS allow_all,
                   coalesce(k.allowed_models, t.allowed_models, '{}') AS allowed
              FROM gateway.admission a
              LEFT JOIN gateway.settlement s USING (request_id)
              LEFT JOIN gateway.api_key k ON k.key_id = a.key_id
              LEFT JOIN gateway.tenant t ON t.tenant_id = a.tenant_id
             WHERE a.admitted_at >= ? ORDER BY a.request_id""";

    private final TestDatabase database;

    LedgerView(TestDatabase database) {
        this.database = database;
    }

    /**
     * One admission and what became of it.
     *
     * @param basis null while nothing is settled
     * @param allowed the models its key may use on the terms under which it was admitted; null for all, or if they have
     *     changed since
     */
    record Admission(
            UUID requestId,
            String tenantId,
            String keyId,
            String endpoint,
            String model,
            long inputBound,
            long outputCap,
            @Nullable String basis,
            long charged,
            @Nullable List<String> allowed) {

        boolean open() {
            return basis == null;
        }

        @Override
        public String toString() {
            return "request " + requestId + " (tenant " + tenantId + ", key " + keyId + ", POST " + endpoint
                    + ", model " + model + ", " + (inputBound + outputCap) + " tokens)";
        }
    }

    /** By the database's own clock. */
    Timestamp now() {
        return ask(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
                row.next();
                return row.getTimestamp(1);
            }
        });
    }

    List<Admission> admissions(Timestamp since) {
        return ask(connection -> {
            List<Admission> admissions = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(ADMISSIONS)) {
                statement.setTimestamp(1, since);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        admissions.add(admission(row));
                    }
                }
            }
            return admissions;
        });
    }

    private static Admission admission(ResultSet row) throws SQLException {
        Array allowed = row.getArray("allowed");
        boolean compare = row.getBoolean("current_terms") && !row.getBoolean("allow_all");
        return new Admission(
                row.getObject("request_id", UUID.class),
                row.getString("tenant_id"),
                row.getString("key_id"),
                row.getString("endpoint"),
                row.getString("model"),
                row.getLong("input_bound"),
                row.getLong("output_cap"),
                row.getString("basis"),
                row.getLong("charged"),
                compare ? List.of((String[]) allowed.getArray()) : null);
    }

    private interface Question<T> {
        T on(Connection connection) throws SQLException;
    }

    private <T> T ask(Question<T> question) {
        try (Connection connection = database.connect()) {
            return question.on(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("the ledger does not answer", e);
        }
    }
}
