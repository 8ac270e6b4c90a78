package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Pepper;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AdministrativeCommandsTest {

    private static final KeyId KEY = new KeyId("4fT0aZ81kQwe");

    private final InMemoryAdministration administration = new InMemoryAdministration();
    private final CommandRun run = new CommandRun(administration)
            .with("DATABASE_URL", "postgresql://gateway_cli@db/gateway")
            .with("KEY_PEPPER", Base64.getEncoder().encodeToString(new SecureRandom().generateSeed(32)));

    @Nested
    @DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
    class Tenants {

        @Test
        void a_new_tenant_may_use_no_model() {
            assertThat(execute("create-tenant --tenant acme --name Acme")).isZero();

            assertThat(administration.tenant("acme").displayName()).isEqualTo("Acme");
            assertThat(administration.tenant("acme").models()).isEqualTo(ModelPolicy.none());
        }

        @ParameterizedTest
        @ValueSource(strings = {"Acme", "-acme", "a b", "", "ä"})
        void an_id_that_is_none_is_wrong_usage(String id) {
            assertThat(run.execute("create-tenant", "--tenant", id)).isEqualTo(2);
            assertThat(run.err()).startsWith("--tenant: ").hasLineCount(1);
        }

        @Test
        void a_name_that_is_taken_is_a_failure_in_one_line() {
            administration.createTenant("acme", "Acme");

            assertThat(execute("create-tenant --tenant acme")).isEqualTo(1);
            assertThat(run.err()).contains("already").hasLineCount(1);
        }

        @Test
        void they_are_listed_as_a_table_for_people() {
            administration.createTenant("acme", "Acme");
            administration.setTenantModels("acme", new ModelPolicy(false, List.of("a:1", "b:2")));

            assertThat(execute("list-tenants")).isZero();

            assertThat(run.out().lines().toList().get(0)).startsWith("TENANT  NAME  ALLOW ALL MODELS  MODELS");
            assertThat(run.out().lines().toList().get(1)).startsWith("acme    Acme  false             a:1,b:2");
        }

        @Test
        void they_are_listed_as_json_for_programs() throws IOException {
            administration.createTenant("acme", "Acme");
            administration.setTenantLimits("acme", new Limits(60L, null, null, null, null, null), 100);

            assertThat(execute("list-tenants --json")).isZero();

            JsonNode tenant = json().get(0);
            assertThat(tenant.get("tenant").asText()).isEqualTo("acme");
            assertThat(tenant.get("rpm").isIntegralNumber()).isTrue();
            assertThat(tenant.get("tpm").isNull()).isTrue();
            assertThat(tenant.get("models").isArray()).isTrue();
            assertThat(tenant.get("created_at").asText()).isEqualTo("2026-11-25T12:00:00Z");
        }

        @Test
        void control_characters_in_a_name_do_not_reach_the_terminal() {
            administration.createTenant("acme", "\u001b[2Jgone");

            assertThat(execute("list-tenants")).isZero();

            assertThat(run.out()).contains("?[2Jgone").doesNotContain("\u001b");
        }
    }

    @Nested
    @DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
    class Keys {

        @Test
        void a_new_key_is_shown_and_stored_as_a_hash() throws IOException {
            administration.createTenant("acme", "Acme");

            assertThat(execute("create-key --tenant acme --name ci --expires-in 90d --json"))
                    .isZero();

            ApiKey key = ApiKey.parse(json().get("key").asText()).orElseThrow();
            var row = administration.key(key.id());
            assertThat(row.name()).isEqualTo("ci");
            assertThat(row.expiresAt()).isEqualTo(Instant.parse("2027-02-23T12:00:00Z"));
            assertThat(administration.asked()).startsWith("$argon2id$").doesNotContain(key.reveal());
            assertThat(json().get("key_id").asText()).isEqualTo(key.id().value());
        }

        @Test
        void a_key_is_rotated_with_a_day_of_overlap_unless_told_otherwise() throws IOException {
            administration.createTenant("acme", "Acme");
            administration.createKey("acme", KEY, "ci", new byte[32], "phc", null);

            assertThat(execute("rotate-key --key 4fT0aZ81kQwe --json")).isZero();

            assertThat(administration.asked()).isEqualTo("4fT0aZ81kQwe PT24H");
            ApiKey key = ApiKey.parse(json().get("key").asText()).orElseThrow();
            assertThat(administration.key(key.id()).name()).isEqualTo("ci");
            assertThat(execute("rotate-key --key 4fT0aZ81kQwe --overlap 0 --yes"))
                    .isZero();
            assertThat(administration.asked()).isEqualTo("4fT0aZ81kQwe PT0S");
            assertThat(run.out()).contains("The old key is revoked.");
            assertThat(run.err()).isEmpty();
        }

        @Test
        void a_key_that_is_rotated_under_another_pepper_is_made_and_the_operator_warned() {
            createKey();
            administration.notePepper("0123456789abcdef");

            assertThat(execute("rotate-key --json --key " + KEY)).isZero();

            assertThat(run.err()).contains("made with another KEY_PEPPER");
        }

        @ParameterizedTest
        @ValueSource(strings = {"1", "-1h", "367d", "soon", ""})
        void an_overlap_that_is_none_is_wrong_usage(String overlap) {
            assertThat(run.execute("rotate-key", "--key", "4fT0aZ81kQwe", "--overlap", overlap))
                    .isEqualTo(2);
            assertThat(run.err()).startsWith("--overlap: ").hasLineCount(1);
        }

        @Test
        void people_are_told_to_store_it() {
            administration.createTenant("acme", "Acme");

            assertThat(execute("create-key --tenant acme")).isZero();

            assertThat(run.out()).contains("nng_").contains("not shown again");
        }

        @Test
        void without_the_pepper_there_is_no_key() {
            administration.createTenant("acme", "Acme");
            run.without("KEY_PEPPER");

            assertThat(execute("create-key --tenant acme")).isEqualTo(2);
            assertThat(run.err()).contains("KEY_PEPPER").hasLineCount(1);
            assertThat(administration.keys(null)).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "--expires-in never",
                    "--expires-in 0s",
                    "--expires-at tomorrow",
                    "--expires-at 2020-01-01T00:00:00Z",
                    "--expires-in 1d --expires-at 2027-01-01T00:00:00Z"
                })
        void an_expiry_that_makes_no_sense_is_wrong_usage(String options) {
            administration.createTenant("acme", "Acme");

            assertThat(execute("create-key --tenant acme " + options)).isEqualTo(2);
            assertThat(run.err()).contains("expire").hasLineCount(1);
            assertThat(administration.keys(null)).isEmpty();
        }

        @Test
        void revoking_takes_the_public_id_and_does_not_repeat_a_whole_key() {
            String whole = ApiKey.generate().reveal();

            assertThat(run.execute("revoke-key", "--key", whole)).isEqualTo(2);
            assertThat(run.err()).contains("key id").doesNotContain(whole).hasLineCount(1);
        }

        @Test
        void what_cannot_be_undone_is_not_done_without_a_terminal_to_ask_at() {
            createKey();

            assertThat(execute("rotate-key --overlap 0 --key " + KEY)).isEqualTo(2);
            assertThat(run.err()).contains("give --yes").hasLineCount(1);
            assertThat(administration.keys(null))
                    .singleElement()
                    .satisfies(key -> assertThat(key.status()).isEqualTo("active"));
        }

        /** Nothing dangerous goes on for want of a terminal. */
        @Test
        void a_script_revokes_without_being_asked() {
            createKey();

            assertThat(execute("revoke-key --key " + KEY)).isZero();
            assertThat(administration.key(KEY).status()).isEqualTo("revoked");
        }

        @Test
        void a_revoked_key_is_listed_as_revoked() {
            createKey();

            assertThat(execute("revoke-key --yes --key " + KEY)).isZero();
            assertThat(execute("list-keys --tenant acme")).isZero();

            assertThat(run.out()).contains("revoked " + KEY).contains("STATUS");
            assertThat(administration.key(KEY).status()).isEqualTo("revoked");
        }
    }

    @Nested
    @DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
    class Models {

        @Test
        void are_allowed_by_name_and_pin() {
            administration.createTenant("acme", "Acme");
            String pinned = "llama3:8b@sha256:" + "a".repeat(64);

            assertThat(execute("set-models --tenant acme --allow nomic-embed-text," + pinned))
                    .isZero();

            assertThat(administration.tenant("acme").models())
                    .isEqualTo(new ModelPolicy(false, List.of("nomic-embed-text", pinned)));
        }

        @Test
        void of_a_key_are_its_own_until_it_inherits_again() {
            createKey();

            assertThat(execute("set-models --key " + KEY + " --allow-all")).isZero();
            assertThat(administration.key(KEY).models()).isEqualTo(new ModelPolicy(true, List.of()));

            assertThat(execute("set-models --key " + KEY + " --inherit")).isZero();
            assertThat(administration.key(KEY).models()).isNull();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "set-models --tenant acme",
                    "set-models --allow-all",
                    "set-models --tenant acme --inherit",
                    "set-models --tenant acme --allow a --allow-all",
                    "set-models --tenant acme --key 4fT0aZ81kQwe --allow-all",
                    "set-models --tenant acme --allow a,,b",
                    "set-models --tenant acme --allow ../a",
                    "set-models --tenant acme --allow a@sha256:12",
                    "set-models --key 12 --allow-all"
                })
        void are_left_alone_by_wrong_usage(String command) {
            administration.createTenant("acme", "Acme");

            assertThat(execute(command)).isEqualTo(2);
            assertThat(run.err()).hasLineCount(1);
            assertThat(run.connectedTo()).isEmpty();
        }
    }

    @Nested
    @DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
    class Limiting {

        @Test
        void what_is_not_given_stays_and_none_takes_away() {
            administration.createTenant("acme", "Acme");

            assertThat(execute("set-limits --tenant acme --rpm 60 --tpm 1000 --max-output 50"))
                    .isZero();
            assertThat(execute("set-limits --tenant acme --rpm none --day-budget 0"))
                    .isZero();

            assertThat(administration.tenant("acme").limits()).isEqualTo(new Limits(null, 1000L, null, 0L, null, null));
            assertThat(administration.tenant("acme").maxOutputTokens()).isEqualTo(50);
        }

        @Test
        void a_key_has_limits_of_its_own() {
            createKey();

            assertThat(execute("set-limits --key " + KEY + " --concurrency 2 --month-budget 7 --total-budget 9"))
                    .isZero();

            assertThat(administration.key(KEY).limits()).isEqualTo(new Limits(null, null, 2L, null, 7L, 9L));
            assertThat(administration.tenant("acme").limits()).isEqualTo(Limits.none());
        }

        @Test
        void a_tenant_that_does_not_exist_is_a_failure() {
            assertThat(execute("set-limits --tenant nobody --rpm 1")).isEqualTo(1);
            assertThat(run.err()).contains("nobody").hasLineCount(1);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "--rpm -1",
                    "--rpm many",
                    "--rpm 1.5",
                    "--tpm 99999999999999999999",
                    "--max-output 0",
                    "--max-output 2147483648",
                    ""
                })
        void a_limit_that_is_none_is_wrong_usage(String options) {
            administration.createTenant("acme", "Acme");

            assertThat(execute("set-limits --tenant acme " + options)).isEqualTo(2);
            assertThat(run.err()).hasLineCount(1);
            assertThat(run.connectedTo()).isEmpty();
        }
    }

    @Nested
    @DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
    class Reading {

        @Test
        void usage_is_of_this_month_unless_told_otherwise() {
            administration.add(
                    new Administration.UsageRow(LocalDate.of(2026, 11, 2), "acme", KEY, "llama3:8b", 3, 10, 20, 30));

            assertThat(execute("usage")).isZero();

            assertThat(administration.asked()).isEqualTo("null 2026-11-01 2026-11-25");
            assertThat(run.out()).contains("2026-11-02  acme    " + KEY + "  llama3:8b  3         10     20      30");
        }

        @Test
        void usage_of_several_months_is_read_month_by_month() {
            assertThat(execute("usage --since 2026-09-10 --until 2026-11-01")).isZero();

            assertThat(administration.asked()).isEqualTo("null 2026-10-01 2026-10-31");
            assertThat(execute("usage --tenant acme --since 2d --until 2026-11-25T00:00:01Z"))
                    .isZero();
            assertThat(administration.asked()).isEqualTo("acme 2026-11-23 2026-11-25");
        }

        @Test
        void usage_of_days_in_the_wrong_order_is_wrong_usage() {
            assertThat(execute("usage --since 2026-11-02 --until 2026-11-01")).isEqualTo(2);
            assertThat(run.err()).hasLineCount(1);
        }

        @Test
        void a_day_that_is_none_or_of_another_age_is_wrong_usage() {
            assertThat(execute("usage --since 99999999d")).isEqualTo(2);
            assertThat(execute("usage --since 1926-01-01")).isEqualTo(2);
            assertThat(execute("usage --since yesterday")).isEqualTo(2);
            assertThat(run.err()).contains("--since: yesterday", "too early").hasLineCount(3);
        }

        @Test
        void the_audit_log_is_listed() throws IOException {
            administration.add(new Administration.AuditRow(
                    CommandRun.NOW, "change", null, "acme", null, "create-tenant", null, null, null, null, null));

            assertThat(execute("audit list --tenant acme --limit 5 --json")).isZero();

            assertThat(administration.asked()).contains("tenantId=acme").endsWith(" 5");
            assertThat(json().get(0).get("detail").asText()).isEqualTo("create-tenant");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "audit list --limit 0",
                    "audit list --limit 10001",
                    "audit list --limit x",
                    "audit",
                    "audit list --kind nothing",
                    "audit list --since yesterday",
                    "audit export --since 1h --until 2h",
                    "audit verify --expect 1:abc"
                })
        void a_list_without_sensible_length_is_wrong_usage(String command) {
            assertThat(execute(command)).isEqualTo(2);
            assertThat(run.err()).hasLineCount(1);
        }

        @Test
        void nothing_is_an_empty_array_for_programs() throws IOException {
            assertThat(execute("list-keys --json")).isZero();
            assertThat(json().isEmpty()).isTrue();
        }
    }

    @Test
    void a_pepper_that_was_generated_is_one() {
        assertThat(execute("generate-pepper")).isZero();
        assertThat(Pepper.parse(run.out())).isNotNull();
    }

    @Test
    void no_command_is_wrong_usage() {
        assertThat(run.execute()).isEqualTo(2);
        assertThat(run.err()).contains("Commands:");
    }

    @Test
    void an_unknown_command_is_wrong_usage() {
        assertThat(execute("list-tenant")).isEqualTo(2);
        assertThat(run.err()).contains("list-tenant").hasLineCount(1);
    }

    private void createKey() {
        administration.createTenant("acme", "Acme");
        administration.createKey("acme", KEY, "ci", new byte[32], "$argon2id$", null);
    }

    private int execute(String command) {
        return run.execute(command.strip().split(" +"));
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(run.out());
    }
}
