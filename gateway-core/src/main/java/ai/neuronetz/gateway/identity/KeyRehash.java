package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes keys again whose Argon2id parameters are not today's: possible only while the key is at hand, right after it was
 * verified. Best effort and off the request's thread; what does not succeed is tried at a later use of the key.
 */
final class KeyRehash {

    private static final Logger log = LoggerFactory.getLogger(KeyRehash.class);

    private final KeyStore keyStore;
    private final KeyHash keyHash;
    private final KeyProofs proofs;
    private final Executor executor;
    private final Set<KeyId> underWay = ConcurrentHashMap.newKeySet();

    KeyRehash(KeyStore keyStore, KeyHash keyHash, KeyProofs proofs, Executor executor) {
        this.keyStore = keyStore;
        this.keyHash = keyHash;
        this.proofs = proofs;
        this.executor = executor;
    }

    void startIfOutdated(ApiKey key, String phc) {
        if (!keyHash.outdated(phc) || !underWay.add(key.id())) {
            return;
        }
        try {
            executor.execute(() -> run(key, phc));
        } catch (RejectedExecutionException exception) {
            underWay.remove(key.id());
        }
    }

    private void run(ApiKey key, String phc) {
        try {
            proofs.hashIfIdle(() -> keyHash.hash(key)).ifPresent(newPhc -> keyStore.rehash(key.id(), phc, newPhc));
        } catch (StoreUnavailableException exception) {
            log.debug("Key {} keeps its old hash for now", key.id(), exception);
        } finally {
            underWay.remove(key.id());
        }
    }
}
