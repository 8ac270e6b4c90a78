package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.admin.Diagnosis.failure;
import static ai.neuronetz.gateway.admin.Diagnosis.ok;
import static ai.neuronetz.gateway.admin.Diagnosis.warning;

import ai.neuronetz.gateway.admin.Diagnosis;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Whether the roles can do what they must, and no more. */
final class RoleExamination {

    private static final String AS_APP = "set DATABASE_URL to that of gateway_app: postgresql://gateway_app@…";

    /** Each a power that the serving role must not have, in words, and what takes it away. */
    private static final String POWERS = """
            SELECT power, mend FROM (VALUES
              ('is superuser, or may create roles or databases, or goes around row security',
               'psql -c "ALTER ROLE ' || current_user || ' NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS"',
               (SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_catalog.pg_roles
                 WHERE rolname = current_user)),
              ('is a member of gateway_owner or gateway_cli',
               'psql -c "REVOKE gateway_owner, gateway_cli FROM ' || current_user || '"',
               pg_has_role(current_user, 'gateway_owner', 'MEMBER') OR pg_has_role(current_user, 'gateway_cli', 'MEMBER')),
              ('can change tables, the audit log among them',
               'psql -c "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER ON ALL TABLES IN SCHEMA gateway FROM '
                 || current_user || ', PUBLIC"',
               EXISTS (SELECT 1 FROM pg_catalog.pg_class c
                        WHERE c.relnamespace = 'gateway'::regnamespace AND c.relkind IN ('r', 'p')
                          AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER'))),
              ('can create keys',
               'psql -c "REVOKE EXECUTE ON FUNCTION gateway.create_key(text, text, text, bytea, text, timestamptz) FROM '
                 || current_user || ', PUBLIC"',
               has_function_privilege('gateway.create_key(text, text, text, bytea, text, timestamptz)', 'EXECUTE')),
              ('can make objects in the gateway''s schema',
               'psql -c "REVOKE CREATE ON SCHEMA gateway FROM ' || current_user || ', PUBLIC"',
               has_schema_privilege('gateway', 'CREATE')),
              ('can read prompts',
               'psql -c "REVOKE ALL ON SCHEMA gateway_prompts FROM ' || current_user || ', PUBLIC"',
               coalesce(has_schema_privilege(to_regnamespace('gateway_prompts')::oid, 'USAGE'), false))
            ) powers (power, mend, held) WHERE held
            """;

    private static final String STRONG_ROLES = """
            SELECT rolname FROM pg_catalog.pg_roles
             WHERE rolname IN ('gateway_owner', 'gateway_cli', 'gateway_auditor', 'gateway_app')
               AND rolname <> current_user AND (rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication)
             ORDER BY 1
            """;

    private final Connection connection;

    RoleExamination(Connection connection) {
        this.connection = connection;
    }

    /** Whether it may serve at all. */
    boolean examine(List<Diagnosis> found) throws SQLException {
        int before = found.size();
        String role;
        boolean serves;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT current_user, has_function_privilege('gateway.admit(jsonb, boolean)', 'EXECUTE')")) {
            row.next();
            role = row.getString(1);
            serves = row.getBoolean(2);
            if (!serves) {
                found.add(failure("database role", "the role " + role + " may not serve requests", AS_APP));
            }
        }
        boolean app = role.equals(Migration.APP);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(POWERS)) {
            while (row.next()) {
                found.add(failure(
                        "database role", "the role " + role + " " + row.getString(1), app ? row.getString(2) : AS_APP));
            }
        }
        if (found.size() == before) {
            found.add(
                    app
                            ? ok("database role", "is gateway_app, and can do no more than it must")
                            : warning("database role", "is " + role + ", not gateway_app", AS_APP));
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(STRONG_ROLES)) {
            while (row.next()) {
                found.add(warning(
                        "database roles",
                        "the role " + row.getString(1) + " can go around every privilege",
                        "psql -c \"ALTER ROLE " + row.getString(1)
                                + " NOSUPERUSER NOCREATEROLE NOBYPASSRLS NOREPLICATION\""));
            }
        }
        return serves;
    }
}
