package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.admin.Administration.AuditRow;
import ai.neuronetz.gateway.admin.Administration.KeyRow;
import ai.neuronetz.gateway.admin.Administration.Rotation;
import ai.neuronetz.gateway.admin.Administration.TenantRow;
import ai.neuronetz.gateway.admin.Administration.UsageRow;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the administration reads, and how. */
final class AdministrationRows {

    /** Columns by name: the hash and the look-up code are not this role's to read. */
    static final String KEYS = """
            SELECT key_id, tenant_id, name, successor, expires_at, revoked_at, created_at, allow_all_models, allowed_models,
                   requests_per_minute, tokens_per_minute, concurrency, day_budget, month_budget, total_budget,
                   max_output_tokens, extract(epoch FROM prompt_retention)::bigint AS prompt_seconds,
                   CASE WHEN status = 'active' AND expires_at <= clock_timestamp() THEN 'expired' ELSE status END AS status
              FROM gateway.api_key
             WHERE CAST(:tenant AS text) IS NULL OR tenant_id = :tenant
             ORDER BY tenant_id, created_at, key_id
            """;

    static final String USAGE = """
            SELECT (admitted_at AT TIME ZONE 'UTC')::date AS day, tenant_id, key_id, model, count(*) AS requests,
                   coalesce(sum(input_tokens), 0)::bigint AS input, coalesce(sum(output_tokens), 0)::bigint AS output,
                   coalesce(sum(charged), 0)::bigint AS charged
              FROM gateway.audit_log
             WHERE admitted_at >= :from AND admitted_at < :end AND (CAST(:tenant AS text) IS NULL OR tenant_id = :tenant)
             GROUP BY 1, 2, 3, 4
             ORDER BY 1, 2, 3, 4
            """;

    /** Each kind is cut to the limit by its own index, before they are merged. */
    static final String AUDIT = """
            (SELECT admitted_at AS at, 'request' AS kind, request_id, tenant_id, key_id, model || ' ' || endpoint AS detail,
                    outcome, basis, input_tokens, output_tokens, charged
               FROM gateway.audit_log
              WHERE :requests AND (CAST(:tenant AS text) IS NULL OR tenant_id = :tenant)
                AND (CAST(:key AS text) IS NULL OR key_id = :key)
                AND (CAST(:since AS timestamptz) IS NULL OR admitted_at >= :since)
                AND (CAST(:until AS timestamptz) IS NULL OR admitted_at < :until)
                AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome)
              ORDER BY admitted_at DESC LIMIT :limit)
            UNION ALL
            (SELECT at, 'denial', request_id, tenant_id, key_id, reason || ' ' || endpoint || coalesce(' ' || model, ''),
                    NULL, NULL, NULL, NULL, NULL
               FROM gateway.audit_denial
              WHERE :denials AND (CAST(:tenant AS text) IS NULL OR tenant_id = :tenant)
                AND (CAST(:key AS text) IS NULL OR key_id = :key)
                AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
                AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
              ORDER BY at DESC LIMIT :limit)
            UNION ALL
            (SELECT minute, 'refusals', NULL, NULL, NULL, reason || ' from ' || source || ' x' || refusals,
                    NULL, NULL, NULL, NULL, NULL
               FROM gateway.refusal_log
              WHERE :refusals AND (CAST(:since AS timestamptz) IS NULL OR minute >= :since)
                AND (CAST(:until AS timestamptz) IS NULL OR minute < :until)
              ORDER BY minute DESC LIMIT :limit)
            UNION ALL
            (SELECT at, 'change', NULL, tenant_id, key_id,
                    what || ' by ' || database_user || coalesce(' (' || operator || ')', '') || ' ' || details,
                    NULL, NULL, NULL, NULL, NULL
               FROM gateway.audit_change
              WHERE :changes AND (CAST(:tenant AS text) IS NULL OR tenant_id = :tenant)
                AND (CAST(:key AS text) IS NULL OR key_id = :key)
                AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
                AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
              ORDER BY at DESC LIMIT :limit)
            UNION ALL
            (SELECT sealed_at, 'seal', NULL, NULL, NULL, number || ':' || encode(hash, 'hex') || ' over ' || rows || ' rows',
                    NULL, NULL, NULL, NULL, NULL
               FROM gateway.audit_seal
              WHERE :seals AND (CAST(:since AS timestamptz) IS NULL OR sealed_at >= :since)
                AND (CAST(:until AS timestamptz) IS NULL OR sealed_at < :until)
              ORDER BY number DESC LIMIT :limit)
            ORDER BY at DESC LIMIT :limit
            """;

    private AdministrationRows() {}

    static TenantRow tenant(ResultSet row) throws SQLException {
        return new TenantRow(
                row.getString("tenant_id"),
                row.getString("display_name"),
                new ModelPolicy(row.getBoolean("allow_all_models"), texts(row.getArray("allowed_models"))),
                limits(row),
                row.getObject("max_output_tokens", Integer.class),
                required(instant(row, "created_at")));
    }

    static KeyRow key(ResultSet row) throws SQLException {
        Array allowed = row.getArray("allowed_models");
        return new KeyRow(
                new KeyId(row.getString("key_id")),
                row.getString("tenant_id"),
                row.getString("name"),
                row.getString("status"),
                allowed == null ? null : new ModelPolicy(row.getBoolean("allow_all_models"), texts(allowed)),
                limits(row),
                row.getObject("max_output_tokens", Integer.class),
                required(instant(row, "created_at")),
                instant(row, "expires_at"),
                instant(row, "revoked_at"),
                seconds(row, "prompt_seconds"),
                row.getString("successor") == null ? null : new KeyId(row.getString("successor")));
    }

    static Rotation rotation(ResultSet row) throws SQLException {
        return new Rotation(
                row.getString("tenant_id"),
                row.getString("name"),
                instant(row, "expires_at"),
                required(instant(row, "old_ends_at")));
    }

    static UsageRow usage(ResultSet row) throws SQLException {
        return new UsageRow(
                row.getObject("day", LocalDate.class),
                row.getString("tenant_id"),
                new KeyId(row.getString("key_id")),
                row.getString("model"),
                row.getLong("requests"),
                row.getLong("input"),
                row.getLong("output"),
                row.getLong("charged"));
    }

    static AuditRow audit(ResultSet row) throws SQLException {
        return new AuditRow(
                required(instant(row, "at")),
                row.getString("kind"),
                row.getObject("request_id", UUID.class),
                row.getString("tenant_id"),
                row.getString("key_id"),
                row.getString("detail"),
                row.getString("outcome"),
                row.getString("basis"),
                row.getObject("input_tokens", Long.class),
                row.getObject("output_tokens", Long.class),
                row.getObject("charged", Long.class));
    }

    private static Limits limits(ResultSet row) throws SQLException {
        return new Limits(
                row.getObject("requests_per_minute", Long.class),
                row.getObject("tokens_per_minute", Long.class),
                row.getObject("concurrency", Long.class),
                row.getObject("day_budget", Long.class),
                row.getObject("month_budget", Long.class),
                row.getObject("total_budget", Long.class));
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static @Nullable Duration seconds(ResultSet row, String column) throws SQLException {
        Long seconds = row.getObject(column, Long.class);
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }

    private static Instant required(@Nullable Instant instant) throws SQLException {
        if (instant == null) {
            throw new SQLException("a row has no instant", "XX000");
        }
        return instant;
    }
}
