package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.Migration;
import ai.neuronetz.gateway.postgres.PostgresAdministration;

/** Makes the gateway's schema in a test's database. */
final class TestSchema {

    /** Only ever used on loopback, for databases that live as long as a test. */
    private static final String PASSWORD = "test-only";

    private TestSchema() {}

    static void migrate(TestDatabase database) {
        Migration.migrate(DatabaseSettings.parse(database.url()), PASSWORD, PASSWORD);
    }

    static String appUrl(TestDatabase database) {
        return database.url("gateway_app", PASSWORD);
    }

    static Administration administration(TestDatabase database) {
        return PostgresAdministration.connect(DatabaseSettings.parse(database.url("gateway_cli", PASSWORD)));
    }
}
