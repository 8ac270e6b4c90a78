package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.KeyStore;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.identity.StoredKey;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Keys as they are committed now. */
final class PostgresKeyStore implements KeyStore {

    private final BoundedCalls calls;
    private final Readiness readiness;

    PostgresKeyStore(BoundedCalls calls, Readiness readiness) {
        this.calls = calls;
        this.readiness = readiness;
    }

    @Override
    public Optional<StoredKey> find(KeyId keyId) {
        readiness.require();
        return calls.call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.find_key(?)")) {
                statement.setString(1, keyId.value());
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Optional.of(storedKey(keyId, row)) : Optional.empty();
                }
            }
        });
    }

    @Override
    public OptionalLong revision(KeyId keyId) {
        readiness.require();
        return calls.call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.key_revision(?)")) {
                statement.setString(1, keyId.value());
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
                }
            }
        });
    }

    @Override
    public void rehash(KeyId keyId, String oldPhc, String newPhc) {
        readiness.require();
        calls.call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.rehash_key(?, ?, ?)")) {
                statement.setString(1, keyId.value());
                statement.setString(2, oldPhc);
                statement.setString(3, newPhc);
                return statement.execute();
            }
        });
    }

    private static StoredKey storedKey(KeyId keyId, ResultSet row) throws SQLException {
        ModelPolicy models = new ModelPolicy(row.getBoolean("allow_all_models"), List.of((String[])
                row.getArray("allowed_models").getArray()));
        Principal principal = new Principal(
                row.getString("tenant_id"),
                keyId,
                models,
                limits("key", row),
                limits("tenant", row),
                row.getObject("max_output_tokens", Integer.class),
                row.getLong("revision"),
                row.getBoolean("log_prompts"));
        return new StoredKey(principal, row.getBytes("lookup_code"), row.getString("phc"), row.getBoolean("usable"));
    }

    private static Limits limits(String of, ResultSet row) throws SQLException {
        return new Limits(
                limit(row, of + "_requests"),
                limit(row, of + "_tokens"),
                limit(row, of + "_concurrency"),
                limit(row, of + "_day"),
                limit(row, of + "_month"),
                limit(row, of + "_total"));
    }

    private static @Nullable Long limit(ResultSet row, String column) throws SQLException {
        return row.getObject(column, Long.class);
    }
}
