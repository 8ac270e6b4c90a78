package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.Migration;
import ai.neuronetz.gateway.postgres.PostgresAdministration;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Makes the gateway's schema in a test's database. */
final class TestSchema {

    private TestSchema() {}

    static void migrate(TestDatabase database) {
        Migration.migrate(DatabaseSettings.parse(database.url()), password(database), password(database));
    }

    static String appUrl(TestDatabase database) {
        return database.url("gateway_app", password(database));
    }

    static Administration administration(TestDatabase database) {
        return PostgresAdministration.connect(DatabaseSettings.parse(database.url("gateway_cli", password(database))));
    }

    /** The roles belong to the whole server: whoever tests on it has to come to the same, and nobody else may. */
    private static String password(TestDatabase database) {
        try {
            byte[] secret = ("gateway-testkit:" + database.adminPassword()).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(secret));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
