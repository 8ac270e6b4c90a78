package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.Migration;
import ai.neuronetz.gateway.postgres.PostgresAdministration;
import ai.neuronetz.gateway.testkit.TestDatabase;
import ai.neuronetz.gateway.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A database with the gateway's schema, as long as its server lives. */
record BenchDatabase(TestDatabase database) {

    private static final String PASSWORD = "bench-only";

    static BenchDatabase migratedIn(TestPostgres server) {
        BenchDatabase bench = new BenchDatabase(server.createDatabase());
        Migration.migrate(DatabaseSettings.parse(bench.database.url()), PASSWORD, PASSWORD);
        return bench;
    }

    String appUrl() {
        return database.url("gateway_app", PASSWORD);
    }

    DatabaseSettings app() {
        return DatabaseSettings.parse(appUrl());
    }

    Administration administration() {
        return PostgresAdministration.connect(DatabaseSettings.parse(database.url("gateway_cli", PASSWORD)));
    }

    Connection commandLine() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl("gateway_cli", PASSWORD));
    }

    /** As the superuser. */
    void execute(String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row, as the superuser. */
    String value(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getObject(1)) : "nothing";
        }
    }

    long number(String sql) throws SQLException {
        return Long.parseLong(value(sql));
    }
}
