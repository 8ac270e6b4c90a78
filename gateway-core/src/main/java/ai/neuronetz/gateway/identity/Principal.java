package ai.neuronetz.gateway.identity;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Who calls, who is billed, and what was agreed with them: what the first stage finds out and all others go by. Immutable.
 *
 * @param tenantId who is billed; {@code [a-z0-9][a-z0-9_-]{0,62}}
 * @param keyId the key that called
 * @param models the key's own policy where it has one, else the tenant's
 * @param keyLimits limits of the key alone
 * @param tenantLimits ceilings over all keys of the tenant
 * @param maxOutputTokens the lower of the key's and the tenant's cap on one answer, or null for the gateway's own
 * @param revision number of the last change to key or tenant; compared again where a request is admitted, so that
 *     nothing is admitted on outdated terms
 * @param logPrompts whether prompts and answers of the key are kept for a while
 */
public record Principal(
        String tenantId,
        KeyId keyId,
        ModelPolicy models,
        Limits keyLimits,
        Limits tenantLimits,
        @Nullable Integer maxOutputTokens,
        long revision,
        boolean logPrompts) {

    public Principal {
        requireNonNull(tenantId, "tenantId");
        requireNonNull(keyId, "keyId");
        requireNonNull(models, "models");
        requireNonNull(keyLimits, "keyLimits");
        requireNonNull(tenantLimits, "tenantLimits");
    }

    /** One of whom no prompt is kept. */
    public Principal(
            String tenantId,
            KeyId keyId,
            ModelPolicy models,
            Limits keyLimits,
            Limits tenantLimits,
            @Nullable Integer maxOutputTokens,
            long revision) {
        this(tenantId, keyId, models, keyLimits, tenantLimits, maxOutputTokens, revision, false);
    }
}
