package ai.neuronetz.gateway.admin;

import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The operator's view of the database, under the role {@code gateway_cli}. Every change is audited in the transaction that
 * makes it.
 *
 * <p>Blocks; not for the request path. An unknown tenant or key, a name that is taken or a value out of range is an
 * {@link AdministrationException} with a message that says what to do.
 */
public interface Administration extends AutoCloseable {

    /** @param tenantId {@code [a-z0-9][a-z0-9_-]{0,62}} */
    void createTenant(String tenantId, String displayName);

    List<TenantRow> tenants();

    /**
     * Stores a key that was just generated.
     *
     * @param lookupCode HMAC-SHA-256 of the whole key under the pepper
     * @param phc Argon2id in PHC string form
     */
    void createKey(
            String tenantId, KeyId keyId, String name, byte[] lookupCode, String phc, @Nullable Instant expiresAt);

    /**
     * Notes that a key is about to be made under a pepper, so that a gateway with another one can be found.
     *
     * @param fingerprint of the pepper, 16 hexadecimal digits
     * @return whether keys were made under other peppers too
     */
    boolean notePepper(String fingerprint);

    /** Holds for every request admitted after this returns. */
    void revokeKey(KeyId keyId);

    /**
     * Stores a key that was just generated as the successor of another, with its tenant, name, models, limits, retention of
     * prompts and expiry, and has the other end. Budgets go on from where they stand.
     *
     * @param overlap for how long both work, 366 days at most; zero revokes the old key
     */
    Rotation rotateKey(KeyId keyId, KeyId successor, byte[] lookupCode, String phc, Duration overlap);

    /** @param tenantId or null for the keys of all tenants */
    List<KeyRow> keys(@Nullable String tenantId);

    void setTenantModels(String tenantId, ModelPolicy policy);

    /** @param policy or null to go by the tenant's again */
    void setKeyModels(KeyId keyId, @Nullable ModelPolicy policy);

    /** Replaces all limits and the cap on one answer. */
    void setTenantLimits(String tenantId, Limits limits, @Nullable Integer maxOutputTokens);

    /** Replaces all limits and the cap on one answer. */
    void setKeyLimits(KeyId keyId, Limits limits, @Nullable Integer maxOutputTokens);

    /** Charged tokens per tenant, key, model and UTC day, both days inclusive. */
    List<UsageRow> usage(@Nullable String tenantId, LocalDate from, LocalDate to);

    /** The newest entries of the audit log first. */
    default List<AuditRow> audit(@Nullable String tenantId, int limit) {
        return auditTrail().newest(AuditFilter.ofTenant(tenantId), limit);
    }

    /** The audit log in full, and as evidence. */
    AuditTrail auditTrail();

    /** What keys that opted in asked and were answered. Of use until this is closed. */
    PromptAdministration prompts();

    @Override
    void close();

    record TenantRow(
            String tenantId,
            String displayName,
            ModelPolicy models,
            Limits limits,
            @Nullable Integer maxOutputTokens,
            Instant createdAt) {}

    /**
     * @param models null where the key goes by its tenant's
     * @param promptRetention how long prompts and answers are kept, or null where none are
     * @param successor the key that replaces it, or null if it was not rotated
     */
    record KeyRow(
            KeyId keyId,
            String tenantId,
            String name,
            String status,
            @Nullable ModelPolicy models,
            Limits limits,
            @Nullable Integer maxOutputTokens,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt,
            @Nullable Duration promptRetention,
            @Nullable KeyId successor) {}

    /**
     * What a rotation came to.
     *
     * @param expiresAt when the successor ends, or null
     * @param oldEndsAt when the old key ends
     */
    record Rotation(String tenantId, String name, @Nullable Instant expiresAt, Instant oldEndsAt) {}

    record UsageRow(
            LocalDate day,
            String tenantId,
            KeyId keyId,
            String model,
            long requests,
            long input,
            long output,
            long charged) {}

    /**
     * @param kind {@code request}, {@code denial}, {@code refusals}, {@code change} or {@code seal}
     * @param requestId null for what is not about one request
     * @param detail model and endpoint, reason code, or what was changed; never a secret or a prompt
     * @param outcome as settled, or {@code OPEN}
     */
    record AuditRow(
            Instant at,
            String kind,
            @Nullable UUID requestId,
            @Nullable String tenantId,
            @Nullable String keyId,
            String detail,
            @Nullable String outcome,
            @Nullable String basis,
            @Nullable Long inputTokens,
            @Nullable Long outputTokens,
            @Nullable Long charged) {}
}
