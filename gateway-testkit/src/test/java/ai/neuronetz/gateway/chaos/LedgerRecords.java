package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What PostgreSQL has at the end.
 *
 * @param unadmitted settlements of requests that were never admitted
 */
record LedgerRecords(List<Entry> entries, List<Account> accounts, List<UUID> unadmitted) {

    /**
     * An admission and what became of it.
     *
     * @param settlements should be 1
     * @param auditRows should be 1
     */
    record Entry(
            UUID requestId,
            String tenantId,
            String keyId,
            String instanceId,
            Instant admittedAt,
            int settlements,
            int auditRows,
            @Nullable String outcome,
            @Nullable String basis,
            long charged,
            @Nullable Instant settledAt) {}

    /**
     * A budget account, and what the settlements of its period add up to.
     *
     * @param name such as {@code t:acme total}
     */
    record Account(
            String name,
            long reserved,
            long spent,
            long overrun,
            @Nullable Long cap,
            long charges) {}

    private static final String ENTRIES = """
            SELECT a.request_id, a.tenant_id, a.key_id, a.instance_id, a.admitted_at,
                   (SELECT count(*) FROM gateway.settlement s WHERE s.request_id = a.request_id) AS settlements,
                   (SELECT count(*) FROM gateway.audit_log l WHERE l.request_id = a.request_id) AS audit_rows,
                   s.outcome, s.basis, coalesce(s.charged, 0) AS charged, s.settled_at
              FROM gateway.admission a
              LEFT JOIN LATERAL (SELECT * FROM gateway.settlement s WHERE s.request_id = a.request_id LIMIT 1) s ON true
             ORDER BY a.request_id""";

    private static final String ACCOUNTS = """
            SELECT b.account || ' ' || b.period AS name, b.reserved, b.spent, b.overrun, b.cap,
                   (SELECT coalesce(sum(s.charged), 0)
                      FROM gateway.settlement s JOIN gateway.admission a USING (request_id)
                     WHERE b.account IN ('t:' || s.tenant_id, 'k:' || s.key_id)
                       AND (b.period = 'total'
                         OR b.period = 'day' AND (a.admitted_at AT TIME ZONE 'UTC')::date = b.period_start
                         OR b.period = 'month'
                              AND date_trunc('month', a.admitted_at AT TIME ZONE 'UTC')::date = b.period_start)
                   ) AS charges
              FROM gateway.budget_account b ORDER BY 1""";

    private static final String UNADMITTED = """
            SELECT s.request_id FROM gateway.settlement s
             WHERE NOT EXISTS (SELECT 1 FROM gateway.admission a WHERE a.request_id = s.request_id)""";

    static LedgerRecords read(TestDatabase database) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        List<Account> accounts = new ArrayList<>();
        List<UUID> unadmitted = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery(ENTRIES)) {
                while (row.next()) {
                    entries.add(entry(row));
                }
            }
            try (ResultSet row = statement.executeQuery(ACCOUNTS)) {
                while (row.next()) {
                    accounts.add(new Account(
                            row.getString("name"),
                            row.getLong("reserved"),
                            row.getLong("spent"),
                            row.getLong("overrun"),
                            row.getObject("cap", Long.class),
                            row.getLong("charges")));
                }
            }
            try (ResultSet row = statement.executeQuery(UNADMITTED)) {
                while (row.next()) {
                    unadmitted.add(row.getObject(1, UUID.class));
                }
            }
        }
        return new LedgerRecords(entries, accounts, unadmitted);
    }

    private static Entry entry(ResultSet row) throws SQLException {
        OffsetDateTime settledAt = row.getObject("settled_at", OffsetDateTime.class);
        return new Entry(
                row.getObject("request_id", UUID.class),
                row.getString("tenant_id"),
                row.getString("key_id"),
                row.getString("instance_id"),
                row.getObject("admitted_at", OffsetDateTime.class).toInstant(),
                row.getInt("settlements"),
                row.getInt("audit_rows"),
                row.getString("outcome"),
                row.getString("basis"),
                row.getLong("charged"),
                settledAt == null ? null : settledAt.toInstant());
    }
}
