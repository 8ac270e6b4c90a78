package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Whether the database was seen to be the right one, under a role that can do no more than it must.
 *
 * <p>Until then nothing is asked of it. Thread-safe.
 */
final class Readiness {

    /** The last migration this code needs; {@code gateway.schema_version()} says which one the database has seen. */
    static final int SCHEMA_VERSION = 13;

    private static final String MIGRATE = "; run the command 'migrate' with an administrator's database URL";

    /** What the serving role must not have: each of these would let it rewrite history, make keys or read prompts. */
    private static final String POWERS = """
            SELECT current_user,
                   (SELECT rolsuper OR rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user)
                     OR pg_has_role(current_user, 'gateway_owner', 'MEMBER')
                     OR pg_has_role(current_user, 'gateway_cli', 'MEMBER')
                     OR has_schema_privilege('gateway', 'CREATE')
                     OR coalesce(has_schema_privilege(to_regnamespace('gateway_prompts')::oid, 'USAGE'), false)
                     OR EXISTS (SELECT 1 FROM pg_catalog.pg_class c
                                 WHERE c.relnamespace = 'gateway'::regnamespace AND c.relkind IN ('r', 'p')
                                   AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')),
                   has_function_privilege('gateway.admit(jsonb, boolean)', 'EXECUTE')
            """;

    private volatile boolean checked;
    private volatile boolean following;
    private volatile boolean bounded;
    private volatile @Nullable String refusal;

    /** Looks once; afterwards the answer is known. */
    void check(Connection connection) throws SQLException {
        if (checked) {
            return;
        }
        String found;
        try {
            found = defect(connection);
        } catch (SQLException e) {
            if (!"42501".equals(e.getSQLState())) {
                throw e;
            }
            found = "the database role may not use the gateway schema; connect as gateway_app";
        }
        refusal = found;
        checked = found == null;
        if (found != null) {
            throw new ConfigurationException(found);
        }
    }

    /** Changes of keys are followed from now on; before, one could be cached and its change missed. */
    void following() {
        following = true;
    }

    /** What was learnt of models is known; before, less could be reserved than is known to be needed. */
    void bounded() {
        bounded = true;
    }

    boolean ready() {
        return checked && following && bounded;
    }

    void require() {
        if (!ready()) {
            String why = refusal;
            throw new StoreUnavailableException(why == null ? "PostgreSQL has not been reached yet" : why);
        }
    }

    private static @Nullable String defect(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("SELECT to_regprocedure('gateway.schema_version()') IS NULL")) {
                if (!row.next() || row.getBoolean(1)) {
                    return "the database has no gateway schema" + MIGRATE;
                }
            }
            try (ResultSet row = statement.executeQuery(POWERS)) {
                row.next();
                String role = row.getString(1);
                if (row.getBoolean(2)) {
                    return "the database role " + role
                            + " could change the audit log, create keys or read prompts; connect as gateway_app";
                }
                if (!row.getBoolean(3)) {
                    return "the database role " + role + " may not serve requests; connect as gateway_app";
                }
            }
            try (ResultSet row = statement.executeQuery("SELECT gateway.schema_version()")) {
                row.next();
                int version = row.getInt(1);
                if (version < SCHEMA_VERSION) {
                    return "the database schema has version " + version + ", this gateway needs " + SCHEMA_VERSION
                            + MIGRATE;
                }
                return null;
            }
        }
    }
}
