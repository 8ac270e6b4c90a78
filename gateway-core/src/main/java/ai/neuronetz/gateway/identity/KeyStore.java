package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where API keys are kept.
 *
 * <p>Implementations are thread-safe, wait at most 250 ms, try once, and never cache.
 */
@Internal
public interface KeyStore {

    /**
     * The key and its tenant as they are committed now, also if revoked or expired.
     *
     * @throws StoreUnavailableException if the store does not answer in time
     */
    Optional<StoredKey> find(KeyId keyId);

    /**
     * The revision of the key, as {@link Principal#revision}; empty if there is no such key or it is revoked or expired.
     *
     * @throws StoreUnavailableException if the store does not answer in time
     */
    OptionalLong revision(KeyId keyId);

    /**
     * Replaces the stored Argon2id string of a key, after its parameters changed. Best effort.
     *
     * @throws StoreUnavailableException if the store does not answer in time
     */
    void rehash(KeyId keyId, String oldPhc, String newPhc);
}
