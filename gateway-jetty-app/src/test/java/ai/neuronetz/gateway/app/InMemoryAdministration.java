package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.admin.AuditFilter;
import ai.neuronetz.gateway.admin.AuditTrail;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tenants and keys in two maps, to see what commands ask for. */
final class InMemoryAdministration implements Administration {

    private final Map<String, TenantRow> tenants = new LinkedHashMap<>();
    private final Map<KeyId, KeyRow> keys = new LinkedHashMap<>();
    private final Set<String> peppers = new HashSet<>();
    private final List<UsageRow> usage = new ArrayList<>();
    private final List<AuditRow> audit = new ArrayList<>();
    private final InMemoryPrompts prompts = new InMemoryPrompts();
    private Verification verification = new Verification(0, 0, null, null, 0, null, null, null, 0, List.of(), 0);
    private String asked = "";

    @Override
    public void createTenant(String tenantId, String displayName) {
        if (tenants.containsKey(tenantId)) {
            throw new AdministrationException("there is a tenant " + tenantId + " already; choose another id");
        }
        tenants.put(
                tenantId,
                new TenantRow(tenantId, displayName, ModelPolicy.none(), Limits.none(), null, CommandRun.NOW));
    }

    @Override
    public List<TenantRow> tenants() {
        return List.copyOf(tenants.values());
    }

    @Override
    public boolean notePepper(String fingerprint) {
        peppers.add(fingerprint);
        return peppers.size() > 1;
    }

    @Override
    public void createKey(
            String tenantId, KeyId keyId, String name, byte[] lookupCode, String phc, @Nullable Instant expiresAt) {
        tenant(tenantId);
        asked = phc;
        keys.put(
                keyId,
                new KeyRow(
                        keyId,
                        tenantId,
                        name,
                        "active",
                        null,
                        Limits.none(),
                        null,
                        CommandRun.NOW,
                        expiresAt,
                        null,
                        null,
                        null));
    }

    @Override
    public void revokeKey(KeyId keyId) {
        KeyRow key = key(keyId);
        keys.put(
                keyId,
                new KeyRow(
                        keyId,
                        key.tenantId(),
                        key.name(),
                        "revoked",
                        key.models(),
                        key.limits(),
                        key.maxOutputTokens(),
                        key.createdAt(),
                        key.expiresAt(),
                        CommandRun.NOW,
                        key.promptRetention(),
                        key.successor()));
    }

    @Override
    public Rotation rotateKey(KeyId keyId, KeyId successor, byte[] lookupCode, String phc, Duration overlap) {
        KeyRow old = key(keyId);
        createKey(old.tenantId(), successor, old.name(), lookupCode, phc, old.expiresAt());
        asked = keyId + " " + overlap;
        return new Rotation(old.tenantId(), old.name(), old.expiresAt(), CommandRun.NOW.plus(overlap));
    }

    @Override
    public List<KeyRow> keys(@Nullable String tenantId) {
        return keys.values().stream()
                .filter(key -> tenantId == null || key.tenantId().equals(tenantId))
                .toList();
    }

    @Override
    public void setTenantModels(String tenantId, ModelPolicy policy) {
        TenantRow row = tenant(tenantId);
        tenants.put(
                tenantId,
                new TenantRow(
                        tenantId, row.displayName(), policy, row.limits(), row.maxOutputTokens(), row.createdAt()));
    }

    @Override
    public void setKeyModels(KeyId keyId, @Nullable ModelPolicy policy) {
        KeyRow key = key(keyId);
        keys.put(keyId, changed(key, policy, key.limits(), key.maxOutputTokens()));
    }

    @Override
    public void setTenantLimits(String tenantId, Limits limits, @Nullable Integer maxOutputTokens) {
        TenantRow row = tenant(tenantId);
        tenants.put(
                tenantId,
                new TenantRow(tenantId, row.displayName(), row.models(), limits, maxOutputTokens, row.createdAt()));
    }

    @Override
    public void setKeyLimits(KeyId keyId, Limits limits, @Nullable Integer maxOutputTokens) {
        KeyRow key = key(keyId);
        keys.put(keyId, changed(key, key.models(), limits, maxOutputTokens));
    }

    @Override
    public List<UsageRow> usage(@Nullable String tenantId, LocalDate from, LocalDate to) {
        asked = tenantId + " " + from + " " + to;
        return List.copyOf(usage);
    }

    @Override
    public AuditTrail auditTrail() {
        return new AuditTrail() {
            @Override
            public List<AuditRow> newest(AuditFilter filter, int limit) {
                asked = filter + " " + limit;
                return List.copyOf(audit);
            }

            @Override
            public Optional<Head> head() {
                return Optional.ofNullable(verification.head());
            }

            @Override
            public Verification verify(Check check, Consumer<Progress> progress) {
                asked = check.toString();
                progress.accept(new Progress(1, 1, 1));
                return verification;
            }

            @Override
            public long export(AuditFilter filter, Consumer<String> line) {
                asked = filter.toString();
                line.accept("{}");
                return 1;
            }
        };
    }

    @Override
    public InMemoryPrompts prompts() {
        return prompts;
    }

    @Override
    public void close() {}

    void add(UsageRow row) {
        usage.add(row);
    }

    void add(AuditRow row) {
        audit.add(row);
    }

    /** What verifying will come to. */
    void found(Verification verification) {
        this.verification = verification;
    }

    /** What the last call was about. */
    String asked() {
        return asked;
    }

    TenantRow tenant(String tenantId) {
        TenantRow row = tenants.get(tenantId);
        if (row == null) {
            throw new AdministrationException("there is no tenant " + tenantId + "; create it with create-tenant");
        }
        return row;
    }

    KeyRow key(KeyId keyId) {
        KeyRow row = keys.get(keyId);
        if (row == null) {
            throw new AdministrationException("there is no key " + keyId + "; see list-keys");
        }
        return row;
    }

    private static KeyRow changed(
            KeyRow key, @Nullable ModelPolicy models, Limits limits, @Nullable Integer maxOutputTokens) {
        return new KeyRow(
                key.keyId(),
                key.tenantId(),
                key.name(),
                key.status(),
                models,
                limits,
                maxOutputTokens,
                key.createdAt(),
                key.expiresAt(),
                key.revokedAt(),
                key.promptRetention(),
                key.successor());
    }
}
