package ai.neuronetz.gateway.identity;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A key store that counts how often it was asked and can be out of reach. */
final class InMemoryKeyStore implements KeyStore {

    final AtomicInteger finds = new AtomicInteger();
    volatile boolean reachable = true;
    volatile Runnable afterFind = () -> {};

    private final Map<KeyId, StoredKey> keys = new ConcurrentHashMap<>();

    void put(StoredKey key) {
        keys.put(key.principal().keyId(), key);
    }

    StoredKey stored(KeyId keyId) {
        return requireNonNull(keys.get(keyId), "no such key");
    }

    @Override
    public Optional<StoredKey> find(KeyId keyId) {
        finds.incrementAndGet();
        requireReachable();
        Optional<StoredKey> found = Optional.ofNullable(keys.get(keyId));
        afterFind.run();
        return found;
    }

    @Override
    public OptionalLong revision(KeyId keyId) {
        requireReachable();
        StoredKey key = keys.get(keyId);
        return key != null && key.usable() ? OptionalLong.of(key.principal().revision()) : OptionalLong.empty();
    }

    @Override
    public void rehash(KeyId keyId, String oldPhc, String newPhc) {
        requireReachable();
        keys.computeIfPresent(
                keyId,
                (id, key) -> key.phc().equals(oldPhc)
                        ? new StoredKey(key.principal(), key.lookupCode(), newPhc, key.usable())
                        : key);
    }

    private void requireReachable() {
        if (!reachable) {
            throw new StoreUnavailableException("key store: unplugged by the test");
        }
    }
}
