package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.identity.KeyId;

/**
 * A key, or the tenant it belongs to, was changed.
 *
 * @param usable whether it is still active and not expired; if not, its running streams are to be cut
 */
public record KeyChange(KeyId keyId, boolean usable) {}
