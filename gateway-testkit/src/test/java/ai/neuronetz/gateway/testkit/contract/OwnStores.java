package ai.neuronetz.gateway.testkit.contract;

import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.Argon2Parameters;
import ai.neuronetz.gateway.identity.KeyHash;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Pepper;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.Migration;
import ai.neuronetz.gateway.postgres.PostgresAdministration;
import ai.neuronetz.gateway.postgres.PostgresStores;
import ai.neuronetz.gateway.redis.RedisSettings;
import ai.neuronetz.gateway.redis.RedisStores;
import ai.neuronetz.gateway.testkit.TestDatabase;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** PostgreSQL and Redis that may be made to hang, and the gateway's stores in them. */
final class OwnStores {

    private static final OwnStores SHARED = new OwnStores();

    private static final String PASSWORD = "test-only";

    final Pepper pepper = Pepper.parse("00112233445566778899aabbccddeeff".repeat(2));
    final KeyHash keyHash = KeyHash.with(new Argon2Parameters(64, 1, 1));
    private final TestPostgres postgresServer = TestPostgres.start();
    private final TestRedis redisServer = TestRedis.start();
    private final TestDatabase database = postgresServer.createDatabase();
    final PostgresStores postgres;
    final RedisStores redis;
    private final Administration administration;

    private OwnStores() {
        Migration.migrate(DatabaseSettings.parse(database.url()), PASSWORD, PASSWORD);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        postgres = PostgresStores.open(DatabaseSettings.parse(database.url("gateway_app", PASSWORD)), registry);
        redis = RedisStores.open(RedisSettings.parse(redisServer.url()), registry);
        administration = PostgresAdministration.connect(DatabaseSettings.parse(database.url("gateway_cli", PASSWORD)));
    }

    /** Started once, and ended with the JVM. */
    static OwnStores shared() {
        return SHARED;
    }

    /** A new key of a new tenant. */
    ApiKey key() {
        String tenant = "t-" + UUID.randomUUID().toString().substring(0, 13);
        administration.createTenant(tenant, tenant);
        ApiKey key = ApiKey.generate();
        administration.createKey(tenant, key.id(), "test", pepper.lookupCode(key), keyHash.hash(key), null);
        return key;
    }

    Principal principal(long budget) {
        KeyId key = key().id();
        administration.setTenantLimits(
                principal(key).tenantId(), new Limits(null, null, null, null, null, budget), null);
        return principal(key);
    }

    private Principal principal(KeyId key) {
        return SpiContract.patiently(() -> postgres.keyStore().find(key).orElseThrow())
                .principal();
    }

    void revoke(KeyId key) {
        administration.revokeKey(key);
    }

    Runnable hangPostgres() {
        postgresServer.pause();
        return () -> {
            postgresServer.resume();
            await().until(() -> postgres.usable() && answers());
        };
    }

    Runnable hangRedis() {
        redisServer.pause();
        return () -> {
            redisServer.resume();
            await().until(redis::usable);
        };
    }

    /** The number that a query has for a name. */
    long count(String sql, String name) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private boolean answers() {
        try {
            postgres.keyStore().revision(new KeyId("000000000000"));
            return true;
        } catch (StoreUnavailableException e) {
            return false;
        }
    }
}
