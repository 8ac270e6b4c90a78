package ai.neuronetz.gateway.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keys that were verified within the last minute, so that most requests need no store. Thread-safe; does not block.
 *
 * <p>What is here may be outdated, and is for that reason compared with the ledger's revision before a request is admitted.
 */
final class VerifiedKeys {

    private static final int MAX_KEYS = 10_000;
    private static final Duration TIME_TO_LIVE = Duration.ofSeconds(60);

    private final Cache<KeyId, Verified> keys;

    // Counts what was forgotten, so that a key that was read before it changed is not remembered after it was
    // forgotten.
    private final AtomicLong changes = new AtomicLong();

    VerifiedKeys(Ticker ticker) {
        this.keys = Caffeine.newBuilder()
                .maximumSize(MAX_KEYS)
                .expireAfterWrite(TIME_TO_LIVE)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /** Whom the key stands for, if exactly this key was verified; takes the same time for every wrong code. */
    Optional<Principal> find(KeyId keyId, byte[] lookupCode) {
        Verified verified = keys.getIfPresent(keyId);
        return verified != null && MessageDigest.isEqual(verified.lookupCode, lookupCode)
                ? Optional.of(verified.principal)
                : Optional.empty();
    }

    /** To be read before the store is, and given to {@link #remember}. */
    long changes() {
        return changes.get();
    }

    void remember(Principal principal, byte[] lookupCode, long changesBefore) {
        keys.put(principal.keyId(), new Verified(lookupCode, principal));
        if (changes.get() != changesBefore) {
            keys.invalidate(principal.keyId());
        }
    }

    void forget(KeyId keyId) {
        changes.incrementAndGet();
        keys.invalidate(keyId);
    }

    void forgetAll() {
        changes.incrementAndGet();
        keys.invalidateAll();
    }

    private static final class Verified {

        private final byte[] lookupCode;
        private final Principal principal;

        Verified(byte[] lookupCode, Principal principal) {
            this.lookupCode = lookupCode;
            this.principal = principal;
        }
    }
}
