package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.admin.Administration;

/** The gateway's schema, for tests in other packages. */
public final class StageSchema {

    private StageSchema() {}

    public static void migrate(TestDatabase database) {
        TestSchema.migrate(database);
    }

    /** The URL of a gateway that reaches the database through {@code port}. */
    public static String appUrl(TestDatabase database, int port) {
        return TestSchema.appUrl(new TestDatabase(
                database.host(), port, database.name(), database.adminUser(), database.adminPassword()));
    }

    public static Administration administration(TestDatabase database) {
        return TestSchema.administration(database);
    }
}
