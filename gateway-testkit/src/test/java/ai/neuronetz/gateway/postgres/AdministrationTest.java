package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.Administration.AuditRow;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AdministrationTest {

    private static final String PHC = "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA";

    private LedgerDatabase database;
    private Administration administration;

    @BeforeEach
    void open() {
        database = LedgerDatabase.migrated();
        administration = database.administration();
        administration.createTenant("acme", "Acme");
    }

    @AfterEach
    void close() {
        administration.close();
    }

    @Test
    void what_was_set_is_what_is_listed() {
        Limits limits = new Limits(1L, 2L, 3L, 4L, 5L, 6L);
        ModelPolicy policy = new ModelPolicy(false, List.of("llama3:8b", "x@sha256:ab"));
        Instant expiry = Instant.now().plus(1, ChronoUnit.DAYS).truncatedTo(ChronoUnit.MILLIS);
        KeyId key = new KeyId("abcdefghijkl");
        administration.createKey("acme", key, "first", new byte[32], PHC, expiry);
        administration.setTenantModels("acme", new ModelPolicy(true, List.of()));
        administration.setTenantLimits("acme", limits, 100);
        administration.setKeyModels(key, policy);
        administration.setKeyLimits(key, Limits.none(), 50);

        assertThat(administration.tenants()).singleElement().satisfies(tenant -> {
            assertThat(tenant.models().allowAll()).isTrue();
            assertThat(tenant.limits()).isEqualTo(limits);
            assertThat(tenant.maxOutputTokens()).isEqualTo(100);
        });
        assertThat(administration.keys("acme")).singleElement().satisfies(row -> {
            assertThat(row.keyId()).isEqualTo(key);
            assertThat(row.status()).isEqualTo("active");
            assertThat(row.models()).isEqualTo(policy);
            assertThat(row.expiresAt()).isEqualTo(expiry);
        });
        try (PostgresStores stores = database.stores()) {
            assertThat(principal(stores, key).models()).isEqualTo(policy);
            assertThat(principal(stores, key).maxOutputTokens()).isEqualTo(50);
            administration.setKeyModels(key, null);
            assertThat(principal(stores, key).models().allowAll()).isTrue();
        }
        administration.revokeKey(key);
        assertThat(administration.keys(null)).singleElement().satisfies(row -> {
            assertThat(row.status()).isEqualTo("revoked");
            assertThat(row.revokedAt()).isNotNull();
        });
    }

    @Test
    void what_cannot_be_done_is_explained() {
        KeyId unknown = new KeyId("zzzzzzzzzzzz");

        assertThatThrownBy(() -> administration.createTenant("acme", "Again"))
                .isInstanceOf(AdministrationException.class)
                .hasMessage("there is a tenant acme already; choose another id");
        assertThatThrownBy(() -> administration.createTenant("Not Good", "x"))
                .isInstanceOf(AdministrationException.class)
                .hasMessageContaining("expected:");
        assertThatThrownBy(() -> administration.setTenantModels("nobody", ModelPolicy.none()))
                .isInstanceOf(AdministrationException.class)
                .hasMessageStartingWith("there is no tenant nobody");
        assertThatThrownBy(() -> administration.revokeKey(unknown))
                .isInstanceOf(AdministrationException.class)
                .hasMessageStartingWith("there is no key zzzzzzzzzzzz");
        assertThatThrownBy(() -> administration.createKey("acme", unknown, "old", new byte[32], PHC, Instant.EPOCH))
                .isInstanceOf(AdministrationException.class)
                .hasMessageContaining("choose a later instant");
    }

    @Test
    void every_change_is_audited_with_who_made_it_and_without_secrets() {
        KeyId key = createKey(administration, "acme");
        administration.setTenantModels("acme", new ModelPolicy(true, List.of()));
        administration.setKeyLimits(key, new Limits(null, null, null, 7L, null, null), null);
        administration.revokeKey(key);
        administration.revokeKey(key);

        List<AuditRow> rows = administration.audit("acme", 100);

        assertThat(rows).extracting(AuditRow::kind).containsOnly("change");
        assertThat(rows)
                .extracting(row -> row.detail().substring(0, row.detail().indexOf(" by ")))
                .containsExactly("revoke-key", "set-limits", "set-models", "create-key", "create-tenant");
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.detail())
                        .contains("by gateway_cli")
                        .doesNotContain("argon2")
                        .doesNotContain("lookup"));
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.detail()).contains("(" + System.getProperty("user.name") + ")"));
        assertThat(rows.get(1).detail()).contains("\"limits\": {\"day_budget\": 7}", "\"before\": {}");
        assertThat(rows.get(2).detail())
                .contains("\"allow_all_models\": true", "\"before\": {")
                .contains("\"allow_all_models\": false");
    }

    @Test
    void usage_is_summed_by_day_tenant_key_and_model() throws Exception {
        KeyId key = createKey(administration, "acme");
        try (PostgresStores stores = database.stores()) {
            for (int n = 0; n < 3; n++) {
                Admission request = admission(principal(stores, key), 0, 10, 20);
                stores.ledger().admit(request);
                stores.ledger()
                        .settle(
                                request.requestId(),
                                "acme",
                                new Settlement(Outcome.COMPLETED, Basis.REPORTED, 4L, 6L, 10, 200, 1L, 2L));
            }
            stores.auditLog()
                    .denied(
                            LedgerDatabase.requestId(),
                            principal(stores, key),
                            "/api/chat",
                            null,
                            Reason.MODEL_NOT_PERMITTED);
            stores.auditLog().refused("2001:db8::/64", Reason.INVALID_API_KEY);
            stores.auditLog().refused("2001:db8::/64", Reason.INVALID_API_KEY);
            eventually(() -> database.holds("SELECT count(*) = 3 FROM gateway.settlement"));
        }
        LocalDate today = LocalDate.now(ZoneOffset.UTC);

        assertThat(administration.usage("acme", today.minusDays(1), today))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.requests()).isEqualTo(3);
                    assertThat(row.input()).isEqualTo(12);
                    assertThat(row.output()).isEqualTo(18);
                    assertThat(row.charged()).isEqualTo(30);
                    assertThat(row.model()).isEqualTo("llama3:8b");
                });
        assertThat(administration.usage("acme", today.minusDays(9), today.minusDays(2)))
                .isEmpty();
        assertThat(administration.audit(null, 100))
                .extracting(AuditRow::kind)
                .contains("request", "denial", "refusals", "change");
        assertThat(administration.audit(null, 100))
                .filteredOn(row -> row.kind().equals("refusals"))
                .allSatisfy(row -> assertThat(row.detail()).startsWith("invalid_api_key from 2001:db8::/64 x"));
        assertThat(administration.audit("acme", 2)).hasSize(2);
    }
}
