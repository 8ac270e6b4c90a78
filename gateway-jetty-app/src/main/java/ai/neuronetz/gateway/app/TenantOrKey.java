package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.identity.KeyId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom a command is about: exactly one of a tenant and a key. */
final class TenantOrKey {

    @Option(names = "--tenant", required = true, paramLabel = "TENANT", description = "The tenant, over all its keys.")
    private @Nullable String tenant;

    @Option(names = "--key", required = true, paramLabel = "KEY-ID", description = "One key, by its 12 character id.")
    private @Nullable String key;

    /** The tenant, or null if it is about a key. */
    @Nullable
    String tenant() {
        return tenant;
    }

    /** The key; to be asked for only where {@link #tenant} is null. */
    KeyId key() {
        return keyId("--key", key == null ? "" : key);
    }

    /**
     * Reads a key id.
     *
     * @throws ConfigurationException if it is none; a whole key is not repeated, since it is a secret
     */
    static KeyId keyId(String option, String text) {
        try {
            return new KeyId(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(option
                    + ": not a key id (expected: the 12 letters or digits that list-keys shows, not the whole key)");
        }
    }
}
