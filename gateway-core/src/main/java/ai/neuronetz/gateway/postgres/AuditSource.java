package ai.neuronetz.gateway.postgres;

import java.time.Duration;
import java.util.Locale;

/**
 * The kinds of rows that are sealed, and the text of each row that is hashed: format 1.
 *
 * <p>The same text as in the migration that seals. It is repeated here, out of built-in functions only, so that verifying trusts
 * nothing that is stored in the database it verifies. Every column is in it.
 */
enum AuditSource {
    ADMISSION(
            "admission",
            Sql.REQUEST,
            Sql.REQUEST_MONTH,
            "admitted_at",
            "'admission', request_id, tenant_id, key_id, instance_id, epoch, revision, endpoint, model, input_bound, output_cap,"
                    + " extract(epoch FROM admitted_at)::text, extract(epoch FROM deadline)::text, tx::text",
            Sql.CLOCK_STEPS),
    SETTLEMENT(
            "settlement",
            Sql.REQUEST,
            Sql.REQUEST_MONTH,
            "settled_at",
            "'settlement', request_id, tenant_id, key_id, outcome, basis, input_tokens, output_tokens, charged, upstream_status,"
                    + " first_byte_millis, duration_millis, extract(epoch FROM settled_at)::text, tx::text",
            Sql.CLOCK_STEPS),
    /** Written by a gateway, which may have waited for PostgreSQL while others did not have to. */
    DENIAL(
            "audit_denial",
            Sql.REQUEST,
            Sql.REQUEST_MONTH,
            "at",
            "'denial', request_id, extract(epoch FROM at)::text, tenant_id, key_id, endpoint, model, reason, tx::text",
            Duration.ofDays(1)),
    /** Recorded whenever sealing goes on, long after its minute if it stood still. */
    REFUSAL(
            "audit_refusal",
            "lpad(number::text, 20, '0')",
            "to_char(minute AT TIME ZONE 'UTC', 'YYYY-MM')",
            "minute",
            "'refusal', extract(epoch FROM minute)::text, number, source, reason, refusals, tx::text",
            Duration.ofDays(36_500)),
    CHANGE(
            "audit_change",
            "lpad(change_id::text, 20, '0')",
            "'-'",
            "at",
            "'change', change_id, extract(epoch FROM at)::text, database_user, what, tenant_id, key_id, details::text, operator,"
                    + " tx::text",
            Sql.CLOCK_STEPS);

    private final String sql;
    private final Duration lateness;

    AuditSource(String table, String key, String month, String at, String columns, Duration lateness) {
        // Ordered by the column and not by the text of the same name, in which 1000 comes before 999.
        // No value may be missing, even where somebody took its constraint away: that shows in the text, and stops
        // nobody here.
        this.sql = "SELECT tx::text, coalesce(" + key + ", ''), coalesce(" + month + ", ''), coalesce(" + at
                + ", 'infinity'), json_build_array(" + columns
                + ")::text FROM gateway." + table
                + " t WHERE t.tx >= ?::text::xid8 AND t.tx <= ?::text::xid8 ORDER BY t.tx";
        this.lateness = lateness;
    }

    /** Its name in a seal. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Transaction, key, month, instant and text of each row, in the order of transactions from one to another. */
    String sql() {
        return sql;
    }

    /** How much older than the seal before it a row may be that was written by the gateway. */
    Duration lateness() {
        return lateness;
    }

    private static final class Sql {
        static final String REQUEST = "request_id::text";
        static final String REQUEST_MONTH =
                "to_char(to_timestamp(('x' || translate(left(request_id::text, 13), '-', ''))::bit(48)::bigint / 1000.0)"
                        + " AT TIME ZONE 'UTC', 'YYYY-MM')";

        /** PostgreSQL's own clock: more than a long transaction, and than what a clock is usually set back. */
        static final Duration CLOCK_STEPS = Duration.ofMinutes(10);
    }
}
