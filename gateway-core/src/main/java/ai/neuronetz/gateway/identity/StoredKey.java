package ai.neuronetz.gateway.identity;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.Internal;

/**
 * What is stored of an API key. Not a record: look-up code and hash are no secrets, but have no place in a log either.
 *
 * <p>Immutable but for the look-up code, which is not copied.
 */
@Internal
public final class StoredKey {

    private final Principal principal;
    private final byte[] lookupCode;
    private final String phc;
    private final boolean usable;

    /**
     * @param principal whom the key stands for
     * @param lookupCode HMAC-SHA-256 of the whole key under the pepper, 32 bytes
     * @param phc Argon2id in PHC string form
     * @param usable active and not expired, by the store's clock
     */
    public StoredKey(Principal principal, byte[] lookupCode, String phc, boolean usable) {
        this.principal = requireNonNull(principal, "principal");
        this.lookupCode = requireNonNull(lookupCode, "lookupCode");
        this.phc = requireNonNull(phc, "phc");
        this.usable = usable;
    }

    public Principal principal() {
        return principal;
    }

    public byte[] lookupCode() {
        return lookupCode;
    }

    public String phc() {
        return phc;
    }

    public boolean usable() {
        return usable;
    }

    @Override
    public String toString() {
        return "StoredKey[" + principal.keyId() + "]";
    }
}
