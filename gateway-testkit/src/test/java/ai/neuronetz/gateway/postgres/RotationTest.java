package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.postgres.LedgerDatabase.admission;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.createKey;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.eventually;
import static ai.neuronetz.gateway.postgres.LedgerDatabase.principal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.Administration.KeyRow;
import ai.neuronetz.gateway.admin.Administration.Rotation;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RotationTest {

    private static final String PHC = "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA";
    private static final KeyId SUCCESSOR = new KeyId("successor001");

    private LedgerDatabase database;
    private Administration administration;

    @BeforeEach
    void open() {
        database = LedgerDatabase.migrated();
        administration = database.administration();
        administration.createTenant("acme", "Acme");
    }

    @AfterEach
    void close() throws SQLException {
        administration.close();
        database.close();
    }

    private Rotation rotate(KeyId key, KeyId successor, Duration overlap) {
        byte[] code = new byte[32];
        code[0] = (byte) successor.value().hashCode();
        code[1] = 1;
        return administration.rotateKey(key, successor, code, PHC, overlap);
    }

    private KeyRow row(KeyId key) {
        return administration.keys("acme").stream()
                .filter(row -> row.keyId().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void the_successor_has_the_same_terms_and_the_old_key_ends_after_the_overlap() {
        KeyId key = new KeyId("abcdefghijkl");
        Instant expiry = Instant.now().plus(30, ChronoUnit.DAYS).truncatedTo(ChronoUnit.MILLIS);
        administration.createKey("acme", key, "first", new byte[32], PHC, expiry);
        administration.setKeyModels(key, new ModelPolicy(false, List.of("llama3:8b")));
        administration.setKeyLimits(key, new Limits(1L, 2L, 3L, 4L, 5L, 6L), 50);
        administration.prompts().setRetention(key, Duration.ofHours(12));
        KeyRow before = row(key);

        Rotation rotation = rotate(key, SUCCESSOR, Duration.ofHours(1));

        KeyRow successor = row(SUCCESSOR);
        assertThat(successor)
                .usingRecursiveComparison()
                .ignoringFields("keyId", "createdAt")
                .isEqualTo(before);
        assertThat(rotation.name()).isEqualTo("first");
        assertThat(rotation.expiresAt()).isEqualTo(expiry);
        assertThat(row(key).status()).isEqualTo("active");
        assertThat(row(key).successor()).isEqualTo(SUCCESSOR);
        assertThat(row(key).expiresAt())
                .isEqualTo(rotation.oldEndsAt())
                .isBetween(Instant.now().plusSeconds(3_500), Instant.now().plusSeconds(3_700));
    }

    @Test
    void an_overlap_does_not_lengthen_the_life_of_the_old_key() {
        KeyId key = new KeyId("abcdefghijkl");
        Instant expiry = Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS);
        administration.createKey("acme", key, "first", new byte[32], PHC, expiry);

        assertThat(rotate(key, SUCCESSOR, Duration.ofDays(1)).oldEndsAt()).isEqualTo(expiry);
        assertThat(row(key).expiresAt()).isEqualTo(expiry);
    }

    @Test
    void without_an_overlap_the_old_key_is_revoked() {
        KeyId key = createKey(administration, "acme");

        rotate(key, SUCCESSOR, Duration.ZERO);

        assertThat(row(key).status()).isEqualTo("revoked");
        assertThat(row(key).revokedAt()).isNotNull();
        assertThat(row(SUCCESSOR).status()).isEqualTo("active");
    }

    @Test
    void what_cannot_be_rotated_is_explained_and_left_as_it_is() throws SQLException {
        KeyId key = createKey(administration, "acme");
        KeyId revoked = createKey(administration, "acme");
        administration.revokeKey(revoked);
        KeyId expired = createKey(administration, "acme");
        rotate(expired, new KeyId("temporary001"), Duration.ofMillis(1));
        database.execute(
                "UPDATE gateway.api_key SET successor = NULL, expires_at = now() WHERE key_id = '" + expired + "'");
        rotate(key, SUCCESSOR, Duration.ofHours(1));
        KeyId other = new KeyId("successor002");
        int keys = administration.keys(null).size();

        assertThatThrownBy(() -> rotate(new KeyId("zzzzzzzzzzzz"), other, Duration.ofHours(1)))
                .isInstanceOf(AdministrationException.class)
                .hasMessage("there is no key zzzzzzzzzzzz; list the keys");
        assertThatThrownBy(() -> rotate(revoked, other, Duration.ofHours(1)))
                .isInstanceOf(AdministrationException.class)
                .hasMessage("the key " + revoked + " is revoked; create a new one");
        assertThatThrownBy(() -> rotate(expired, other, Duration.ofHours(1)))
                .isInstanceOf(AdministrationException.class)
                .hasMessageStartingWith("the key " + expired + " expired at");
        assertThatThrownBy(() -> rotate(key, other, Duration.ofHours(1)))
                .isInstanceOf(AdministrationException.class)
                .hasMessage("the key " + key + " was rotated already; rotate its successor, " + SUCCESSOR);
        assertThatThrownBy(() -> rotate(SUCCESSOR, other, Duration.ofDays(367)))
                .isInstanceOf(AdministrationException.class)
                .hasMessageContaining("expected: 0 to 366 days");
        assertThat(administration.keys(null)).hasSize(keys);
    }

    @Test
    void a_budget_is_not_to_be_spent_twice() throws Exception {
        KeyId key = createKey(administration, "acme");
        administration.setKeyLimits(key, new Limits(null, null, null, null, null, 100L), null);
        try (PostgresStores stores = database.stores()) {
            var spent = admission(principal(stores, key), 0, 30, 30);
            assertThat(stores.ledger().admit(spent)).isInstanceOf(Admitted.class);
            stores.ledger()
                    .settle(
                            spent.requestId(),
                            "acme",
                            new Settlement(Outcome.COMPLETED, Basis.REPORTED, 30L, 30L, 60, 200, 1L, 2L));
            eventually(() -> database.holds("SELECT count(*) = 1 FROM gateway.settlement"));

            rotate(key, SUCCESSOR, Duration.ofHours(1));

            assertThat(stores.ledger().admit(admission(principal(stores, SUCCESSOR), 0, 25, 25)))
                    .isNotInstanceOf(Admitted.class);
            assertThat(stores.ledger().admit(admission(principal(stores, SUCCESSOR), 0, 20, 20)))
                    .isInstanceOf(Admitted.class);
        }
    }

    @Test
    void both_keys_are_audited_with_who_did_it_and_without_secrets() {
        KeyId key = createKey(administration, "acme");

        rotate(key, SUCCESSOR, Duration.ofHours(1));

        assertThat(administration.audit("acme", 2))
                .allSatisfy(row -> assertThat(row.detail())
                        .contains("by gateway_cli (" + System.getProperty("user.name") + ")")
                        .doesNotContain("argon2", "lookup"))
                .anySatisfy(row -> {
                    assertThat(row.keyId()).isEqualTo(key.value());
                    assertThat(row.detail()).startsWith("rotate-key").contains(SUCCESSOR.value());
                })
                .anySatisfy(row -> {
                    assertThat(row.keyId()).isEqualTo(SUCCESSOR.value());
                    assertThat(row.detail()).startsWith("create-key").contains("rotated_from", key.value());
                });
    }
}
