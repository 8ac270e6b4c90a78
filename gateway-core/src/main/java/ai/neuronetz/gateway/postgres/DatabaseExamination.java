package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.admin.Diagnosis.failure;
import static ai.neuronetz.gateway.admin.Diagnosis.ok;
import static ai.neuronetz.gateway.admin.Diagnosis.warning;

import ai.neuronetz.gateway.admin.Diagnosis;
import ai.neuronetz.gateway.admin.Examination;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** Whether a PostgreSQL is one that budgets, keys and the audit log can be left to, and under the right role. */
public final class DatabaseExamination {

    private static final int ANSWER_SECONDS = 3;
    private static final int OLDEST = 15;
    private static final String MIGRATE = "DATABASE_URL=<an administrator's> java -jar gateway-jetty-app.jar migrate";
    private static final Duration SEAL_LATE = Duration.ofMinutes(5);

    private final Connection connection;
    private final List<Diagnosis> found = new ArrayList<>();

    private DatabaseExamination(Connection connection) {
        this.connection = connection;
    }

    /** Each statement has three seconds. */
    public static Examination of(DatabaseSettings settings) {
        try (Connection connection = new Driver().connect(settings.jdbcUrl(), settings.properties(ANSWER_SECONDS))) {
            if (connection == null) {
                throw new SQLException("no PostgreSQL URL", "08001");
            }
            return new DatabaseExamination(connection).examine();
        } catch (SQLException e) {
            return new Examination(List.of(unreachable(settings, e)), null);
        }
    }

    private Examination examine() throws SQLException {
        String version = text("SHOW server_version");
        found.add(
                Integer.parseInt(text("SHOW server_version_num")) >= OLDEST * 10_000
                        ? ok("postgresql", "answers, version " + version)
                        : failure(
                                "postgresql",
                                "has version " + version + "; the schema needs " + OLDEST + " or later",
                                "upgrade the server: pg_upgrade"));
        durability();
        Duration ahead = clock();
        try {
            if (schema() && new RoleExamination(connection).examine(found)) {
                partitions();
                seals();
            }
        } catch (SQLException e) {
            if (!"42501".equals(e.getSQLState())) {
                throw e;
            }
            found.add(failure(
                    "database role",
                    "the role " + text("SELECT current_user") + " may not use the gateway's schema",
                    "connect as gateway_app: DATABASE_URL=postgresql://gateway_app@…"));
        }
        return new Examination(found, ahead);
    }

    private void durability() throws SQLException {
        for (String setting : List.of("fsync", "full_page_writes")) {
            if (text("SHOW " + setting).equals("off")) {
                found.add(warning(
                        "durability",
                        setting + " is off: a crash of the server can lose or damage what was recorded",
                        "psql -c 'ALTER SYSTEM SET " + setting + " = on' -c 'SELECT pg_reload_conf()'"));
            }
        }
    }

    private Duration clock() throws SQLException {
        text("SELECT 1");
        Instant before = Instant.now();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
            row.next();
            Instant there = row.getObject(1, OffsetDateTime.class).toInstant();
            return Duration.between(
                    before.plus(Duration.between(before, Instant.now()).dividedBy(2)), there);
        }
    }

    private boolean schema() throws SQLException {
        if (!truth("SELECT to_regprocedure('gateway.schema_version()') IS NOT NULL")) {
            found.add(failure("schema", "the database has no gateway schema", MIGRATE));
            return false;
        }
        int version = Integer.parseInt(text("SELECT gateway.schema_version()"));
        if (version < Readiness.SCHEMA_VERSION) {
            found.add(failure(
                    "schema", "has version " + version + ", this gateway needs " + Readiness.SCHEMA_VERSION, MIGRATE));
            return false;
        }
        found.add(ok("schema", "has version " + version));
        return true;
    }

    private void partitions() throws SQLException {
        String missing = text("""
                SELECT coalesce(string_agg(part, ', ' ORDER BY part), '') FROM (
                    SELECT parent || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + m * interval '1 month',
                                             '"_"YYYY"_"MM') AS part
                      FROM unnest(ARRAY['request_fate', 'admission', 'settlement', 'audit_denial']) parent,
                           generate_series(0, 1) m) wanted
                 WHERE to_regclass('gateway.' || part) IS NULL
                """);
        found.add(
                missing.isEmpty()
                        ? ok("partitions", "those of this month and the next are there")
                        : warning(
                                "partitions",
                                "missing: " + missing + "; rows go where retention cannot drop them",
                                "psql \"$DATABASE_URL\" -c 'SELECT gateway.ensure_partitions(3)', or run migrate"));
    }

    private void seals() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT number, sealed_at,"
                                + " extract(epoch FROM clock_timestamp() - unsealed_since)::bigint FROM gateway.seal_state()")) {
            row.next();
            long number = row.getLong(1);
            @Nullable OffsetDateTime sealedAt = row.getObject(2, OffsetDateTime.class);
            @Nullable Long waiting = row.getObject(3, Long.class);
            String newest = sealedAt == null
                    ? "nothing is sealed yet"
                    : "the newest seal is " + number + " of " + sealedAt.toInstant();
            if (waiting != null && waiting > SEAL_LATE.toSeconds()) {
                found.add(warning(
                        "seals",
                        newest + ", and rows wait for one since "
                                + Duration.ofSeconds(waiting).toMinutes() + " minutes",
                        "start a gateway, which seals: java -jar gateway-jetty-app.jar serve; if one runs, read its log for"
                                + " 'seal'"));
            } else {
                found.add(ok("seals", newest + (waiting == null && sealedAt != null ? ", over all there is" : "")));
            }
        }
    }

    private static Diagnosis unreachable(DatabaseSettings settings, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String server = settings.toString().replaceFirst("^DatabaseSettings\\[(.*)]$", "$1");
        if (state.startsWith("28")) {
            return failure(
                    "postgresql",
                    server + " refuses user or password",
                    "correct DATABASE_URL, or give the role its password: GATEWAY_APP_PASSWORD=… " + MIGRATE);
        }
        if (state.startsWith("3D")) {
            return failure("postgresql", server + ": there is no such database", "createdb gateway, then " + MIGRATE);
        }
        return failure(
                "postgresql",
                server + " does not answer (" + state + ")",
                "systemctl start postgresql, and see that DATABASE_URL names it: pg_isready -h <host> -p <port>");
    }

    private boolean truth(String sql) throws SQLException {
        return text(sql).equals("t");
    }

    private String text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
