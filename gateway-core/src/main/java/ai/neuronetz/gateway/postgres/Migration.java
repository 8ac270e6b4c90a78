package ai.neuronetz.gateway.postgres;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/**
 * Makes the roles and the schema, or brings them up to date.
 *
 * <p>Idempotent; two at once wait for one another. Needs an administrator: a superuser, or a role that may create roles and,
 * in this database, schemas.
 */
public final class Migration {

    static final String OWNER = "gateway_owner";
    static final String APP = "gateway_app";
    static final String CLI = "gateway_cli";
    static final String AUDITOR = "gateway_auditor";

    private static final int ATTEMPTS = 20;

    private Migration() {}

    /**
     * Migrates, and leaves the roles' logins as they are.
     *
     * @throws ConfigurationException if it cannot be done; the message says why
     */
    public static void migrate(DatabaseSettings administrator) {
        migrate(administrator, null, null);
    }

    /**
     * Migrates, and lets the two roles log in with these passwords. Only their SCRAM verifiers are sent.
     *
     * @param appPassword of {@code gateway_app}, or null to leave its login as it is
     * @param cliPassword of {@code gateway_cli}, or null to leave its login as it is
     * @throws ConfigurationException if it cannot be done; the message says why
     */
    public static void migrate(
            DatabaseSettings administrator, @Nullable String appPassword, @Nullable String cliPassword) {
        requireNonNull(administrator, "administrator");
        Properties properties = administrator.properties(0);
        try (Connection connection = new Driver().connect(administrator.jdbcUrl(), properties)) {
            requireNonNull(connection, "connection");
            run(connection, "SELECT pg_advisory_lock(7233, 0)");
            for (String role : List.of(OWNER, APP, CLI, AUDITOR)) {
                createRole(connection, role);
            }
            createSchema(connection);
            flyway(administrator);
            run(connection, "SET ROLE " + OWNER);
            run(connection, "SELECT gateway.ensure_partitions(3)");
            run(connection, "RESET ROLE");
            letIn(connection, APP, appPassword);
            letIn(connection, CLI, cliPassword);
        } catch (SQLException e) {
            throw new ConfigurationException("cannot migrate " + administrator + ": " + oneLine(e)
                    + "; check the URL, and that this user may create roles and schemas");
        } catch (FlywayException e) {
            throw new ConfigurationException("cannot migrate " + administrator + ": " + oneLine(e)
                    + "; the schema was left as it was before the step that failed");
        }
    }

    /** Roles belong to the whole cluster: another database's migration may be making them at this moment. */
    private static void createRole(Connection connection, String role) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = '" + role + "'")) {
            if (row.next()) {
                return;
            }
        }
        try {
            run(connection, "CREATE ROLE " + role + " NOLOGIN");
        } catch (SQLException e) {
            boolean exists = "42710".equals(e.getSQLState()) || "23505".equals(e.getSQLState());
            if (!exists) {
                throw e;
            }
        }
    }

    private static void createSchema(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_has_role('" + OWNER + "', 'MEMBER')")) {
            if (row.next() && !row.getBoolean(1)) {
                persist(connection, "GRANT " + OWNER + " TO CURRENT_USER");
            }
        }
        run(connection, "CREATE SCHEMA IF NOT EXISTS gateway AUTHORIZATION " + OWNER);
        run(connection, "CREATE SCHEMA IF NOT EXISTS gateway_prompts AUTHORIZATION " + OWNER);
    }

    private static void flyway(DatabaseSettings administrator) {
        Flyway.configure(Migration.class.getClassLoader())
                .dataSource(new OwnerConnections(administrator))
                .defaultSchema("gateway")
                .schemas("gateway")
                .createSchemas(false)
                .baselineOnMigrate(false)
                .placeholderReplacement(false)
                .locations("classpath:ai/neuronetz/gateway/postgres/migration")
                .failOnMissingLocations(true)
                .load()
                .migrate();
    }

    /** The driver computes the verifier, so that the password is in no statement and in no log of the server's. */
    private static void letIn(Connection connection, String role, @Nullable String password) throws SQLException {
        if (password == null) {
            return;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                connection.unwrap(PGConnection.class).alterUserPassword(role, password.toCharArray(), "scram-sha-256");
                break;
            } catch (SQLException e) {
                again(e, attempt);
            }
        }
        persist(connection, "ALTER ROLE " + role + " LOGIN");
    }

    private static void persist(Connection connection, String sql) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                run(connection, sql);
                return;
            } catch (SQLException e) {
                again(e, attempt);
            }
        }
    }

    /** Two that change one role at once: the later gets "tuple concurrently updated", an internal error, and may retry. */
    private static void again(SQLException failure, int attempt) throws SQLException {
        boolean concurrent = "XX000".equals(failure.getSQLState()) || "23505".equals(failure.getSQLState());
        if (!concurrent || attempt >= ATTEMPTS) {
            throw failure;
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String oneLine(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message.strip().replaceAll("\\s+", " ");
    }
}
