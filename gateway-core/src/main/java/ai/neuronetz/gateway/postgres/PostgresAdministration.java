package ai.neuronetz.gateway.postgres;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.admin.AuditTrail;
import ai.neuronetz.gateway.admin.PromptAdministration;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * The administration over PostgreSQL, through the functions that {@code gateway_cli} may call.
 *
 * <p>Thread-safe; each call has a connection of its own.
 */
public final class PostgresAdministration implements Administration {

    private final Jdbi jdbi;
    private final String user;
    private final AuditTrail trail = new PostgresAuditTrail(this::ask);

    private PostgresAdministration(Jdbi jdbi, String user) {
        this.jdbi = jdbi;
        this.user = user;
    }

    /**
     * Connects once, to see that it can.
     *
     * @throws AdministrationException if the database does not answer, or has no schema or an older one
     */
    public static Administration connect(DatabaseSettings settings) {
        requireNonNull(settings, "settings");
        Properties properties = settings.properties(0);
        properties.setProperty("socketTimeout", "60");
        Jdbi jdbi = Jdbi.create(settings.jdbcUrl(), properties);
        jdbi.registerArrayType(String.class, "text");
        PostgresAdministration administration =
                new PostgresAdministration(jdbi, settings.user() == null ? "that connects" : settings.user());
        int version = administration.ask(
                "read the schema",
                handle -> handle.createQuery("SELECT CASE WHEN to_regprocedure('gateway.schema_version()') IS NULL"
                                + " THEN 0 ELSE 1 END")
                        .mapTo(Integer.class)
                        .one());
        if (version == 1) {
            version = administration.ask(
                    "read the schema",
                    handle -> handle.createQuery("SELECT gateway.schema_version()")
                            .mapTo(Integer.class)
                            .one());
        }
        if (version < Readiness.SCHEMA_VERSION) {
            throw new AdministrationException("the database has no gateway schema, or an older one; run the command"
                    + " 'migrate' with an administrator's database URL");
        }
        return administration;
    }

    @Override
    public void createTenant(String tenantId, String displayName) {
        change(
                "create tenants",
                "SELECT gateway.create_tenant(:tenant, :name)",
                update -> update.bind("tenant", tenantId).bind("name", displayName));
    }

    @Override
    public List<TenantRow> tenants() {
        return ask(
                "list tenants",
                handle -> handle.createQuery("SELECT * FROM gateway.tenant ORDER BY tenant_id")
                        .map((row, context) -> AdministrationRows.tenant(row))
                        .list());
    }

    @Override
    public void createKey(
            String tenantId, KeyId keyId, String name, byte[] lookupCode, String phc, @Nullable Instant expiresAt) {
        change(
                "create keys",
                "SELECT gateway.create_key(:tenant, :key, :name, :code, :phc, :expiry)",
                update -> update.bind("tenant", tenantId)
                        .bind("key", keyId.value())
                        .bind("name", name)
                        .bind("code", lookupCode)
                        .bind("phc", phc)
                        .bindByType("expiry", offset(expiresAt), OffsetDateTime.class));
    }

    @Override
    public boolean notePepper(String fingerprint) {
        return ask(
                "note peppers",
                handle -> handle.createQuery("SELECT gateway.note_pepper(:fingerprint)")
                        .bind("fingerprint", fingerprint)
                        .mapTo(Boolean.class)
                        .one());
    }

    @Override
    public void revokeKey(KeyId keyId) {
        change("revoke keys", "SELECT gateway.revoke_key(:key)", update -> update.bind("key", keyId.value()));
    }

    @Override
    public Rotation rotateKey(KeyId keyId, KeyId successor, byte[] lookupCode, String phc, Duration overlap) {
        return ask("rotate keys", handle -> {
            name(handle);
            return handle.createQuery("SELECT * FROM gateway.rotate_key(:key, :successor, :code, :phc,"
                            + " CAST(:overlap AS interval))")
                    .bind("key", keyId.value())
                    .bind("successor", successor.value())
                    .bind("code", lookupCode)
                    .bind("phc", phc)
                    .bind("overlap", overlap.toString())
                    .map((row, context) -> AdministrationRows.rotation(row))
                    .one();
        });
    }

    @Override
    public List<KeyRow> keys(@Nullable String tenantId) {
        return ask(
                "list keys",
                handle -> handle.createQuery(AdministrationRows.KEYS)
                        .bindByType("tenant", tenantId, String.class)
                        .map((row, context) -> AdministrationRows.key(row))
                        .list());
    }

    @Override
    public void setTenantModels(String tenantId, ModelPolicy policy) {
        change(
                "set models",
                "SELECT gateway.set_tenant_models(:tenant, :all, :allowed)",
                update -> update.bind("tenant", tenantId)
                        .bind("all", policy.allowAll())
                        .bind("allowed", policy.allowed().toArray(String[]::new)));
    }

    @Override
    public void setKeyModels(KeyId keyId, @Nullable ModelPolicy policy) {
        if (policy == null) {
            change(
                    "set models",
                    "SELECT gateway.set_key_models(:key, NULL, NULL)",
                    update -> update.bind("key", keyId.value()));
            return;
        }
        change(
                "set models",
                "SELECT gateway.set_key_models(:key, :all, :allowed)",
                update -> update.bind("key", keyId.value())
                        .bind("all", policy.allowAll())
                        .bind("allowed", policy.allowed().toArray(String[]::new)));
    }

    @Override
    public void setTenantLimits(String tenantId, Limits limits, @Nullable Integer maxOutputTokens) {
        setLimits("set_tenant_limits", tenantId, limits, maxOutputTokens);
    }

    @Override
    public void setKeyLimits(KeyId keyId, Limits limits, @Nullable Integer maxOutputTokens) {
        setLimits("set_key_limits", keyId.value(), limits, maxOutputTokens);
    }

    private void setLimits(String function, String id, Limits limits, @Nullable Integer maxOutputTokens) {
        change(
                "set limits",
                "SELECT gateway." + function + "(:id, :requests, :tokens, :concurrency, :day, :month, :total, :output)",
                update -> update.bind("id", id)
                        .bindByType("requests", limits.requestsPerMinute(), Long.class)
                        .bindByType("tokens", limits.tokensPerMinute(), Long.class)
                        .bindByType("concurrency", limits.concurrency(), Long.class)
                        .bindByType("day", limits.dayBudget(), Long.class)
                        .bindByType("month", limits.monthBudget(), Long.class)
                        .bindByType("total", limits.totalBudget(), Long.class)
                        .bindByType("output", maxOutputTokens, Integer.class));
    }

    @Override
    public List<UsageRow> usage(@Nullable String tenantId, LocalDate from, LocalDate to) {
        return ask(
                "read usage",
                handle -> handle.createQuery(AdministrationRows.USAGE)
                        .bindByType("tenant", tenantId, String.class)
                        .bind("from", from.atStartOfDay().atOffset(ZoneOffset.UTC))
                        .bind("end", to.plusDays(1).atStartOfDay().atOffset(ZoneOffset.UTC))
                        .map((row, context) -> AdministrationRows.usage(row))
                        .list());
    }

    @Override
    public AuditTrail auditTrail() {
        return trail;
    }

    static @Nullable OffsetDateTime offset(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    @Override
    public PromptAdministration prompts() {
        return new PostgresPromptAdministration(this);
    }

    /** What a change is made with. */
    interface Binding {
        Update on(Update update);
    }

    void change(String what, String sql, Binding binding) {
        ask(what, handle -> {
            name(handle);
            return binding.on(handle.createUpdate(sql)).execute((statement, context) -> {
                statement.get().close();
                return true;
            });
        });
    }

    /** Whoever runs this, for the audit. */
    private static void name(Handle handle) {
        handle.execute("SELECT set_config('gateway.operator', ?, false)", System.getProperty("user.name", ""));
    }

    <T> T ask(String what, HandleCallback<T, SQLException> question) {
        try {
            return jdbi.withHandle((Handle handle) -> question.withHandle(handle));
        } catch (ConnectionException e) {
            throw new AdministrationException(
                    "PostgreSQL does not let the role " + user + " in: " + message(e) + "; check the database URL", e);
        } catch (JdbiException | SQLException e) {
            throw explained(what, e);
        }
    }

    private AdministrationException explained(String what, Exception failure) {
        SQLException cause = sqlCause(failure);
        String state = cause == null || cause.getSQLState() == null ? "" : cause.getSQLState();
        if (cause instanceof org.postgresql.util.PSQLException e
                && state.startsWith("GW")
                && e.getServerErrorMessage() != null
                && e.getServerErrorMessage().getMessage() != null) {
            return new AdministrationException(e.getServerErrorMessage().getMessage(), failure);
        }
        if (state.equals("42501")) {
            return new AdministrationException(
                    "the database role " + user + " may not " + what + "; connect as gateway_cli", failure);
        }
        if (state.startsWith("23") || state.startsWith("22")) {
            return new AdministrationException("PostgreSQL does not take a value: " + message(failure), failure);
        }
        return new AdministrationException(
                "PostgreSQL could not " + what + ": " + message(failure) + "; check that it is up, then try again",
                failure);
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException e) {
                return e;
            }
        }
        return null;
    }

    /** The server's first line only: what follows may quote the values of a row. */
    private static String message(Exception failure) {
        SQLException cause = sqlCause(failure);
        String text = cause == null ? failure.getMessage() : cause.getMessage();
        return text == null
                ? failure.getClass().getSimpleName()
                : text.lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        // Each call closes its own connection; there is nothing to keep.
    }
}
