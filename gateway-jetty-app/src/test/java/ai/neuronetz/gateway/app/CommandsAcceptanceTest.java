package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The commands over a real PostgreSQL, as the roles that {@code migrate} made. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CommandsAcceptanceTest {

    private final Installation installation = new Installation();

    @AfterEach
    void close() {
        installation.close();
    }

    @Test
    void a_tenant_and_its_key_are_made_limited_listed_and_revoked() throws IOException {
        installation.command("create-tenant", "--tenant", "acme", "--name", "Acme Ltd.");
        installation.command("set-models", "--tenant", "acme", "--allow", "llama3:8b");
        installation.command("set-limits", "--tenant", "acme", "--rpm", "60", "--month-budget", "1000");
        installation.command("set-limits", "--tenant", "acme", "--rpm", "none");
        String key = installation.createKey("acme");
        String keyId = key.substring(4, 16);
        installation.command("set-models", "--key", keyId, "--allow-all");
        installation.command("revoke-key", "--key", keyId, "--yes");

        var tenant = new ObjectMapper()
                .readTree(installation.command("list-tenants", "--json"))
                .get(0);
        assertThat(tenant.get("models").get(0).asText()).isEqualTo("llama3:8b");
        assertThat(tenant.get("rpm").isNull()).isTrue();
        assertThat(tenant.get("month_budget").asLong()).isEqualTo(1000);
        var listed = new ObjectMapper()
                .readTree(installation.command("list-keys", "--tenant", "acme", "--json"))
                .get(0);
        assertThat(listed.get("key_id").asText()).isEqualTo(keyId);
        assertThat(listed.get("status").asText()).isEqualTo("revoked");
        assertThat(listed.get("allow_all_models").asBoolean()).isTrue();
        String audit = installation.command("audit", "list");
        assertThat(audit).contains(keyId).doesNotContain(key);
        installation.assertNoSecretIn(audit);
        assertThat(installation.command("usage")).isEqualToIgnoringNewLines("none");
    }

    @Test
    void a_key_is_rotated_once_and_both_are_in_the_audit_log() throws IOException {
        installation.command("create-tenant", "--tenant", "gamma");
        String key = installation.createKey("gamma");
        String keyId = key.substring(4, 16);

        var rotated = new ObjectMapper().readTree(installation.command("rotate-key", "--key", keyId, "--json"));

        String successor = rotated.get("key_id").asText();
        assertThat(rotated.get("key").asText()).startsWith("nng_" + successor);
        assertThat(rotated.get("old_key_id").asText()).isEqualTo(keyId);
        assertThat(installation.command("list-keys", "--tenant", "gamma")).contains(successor);
        String audit = installation.command("audit", "list", "--tenant", "gamma");
        assertThat(audit).contains("rotate-key by gateway_cli", "rotated_from");
        assertThat(audit).doesNotContain(key, rotated.get("key").asText());
        CommandRun again = installation.commandRun().with("KEY_PEPPER", "0123456789abcdef".repeat(4));
        assertThat(again.execute("rotate-key", "--key", keyId)).isEqualTo(1);
        assertThat(again.err()).contains("rotated already", successor).hasLineCount(1);
    }

    @Test
    void prompts_of_a_key_are_switched_on_listed_and_purged() throws IOException {
        installation.command("create-tenant", "--tenant", "beta");
        String created = installation.command("create-key", "--tenant", "beta", "--log-prompts", "--json");
        String keyId = new ObjectMapper().readTree(created).get("key_id").asText();
        assertThat(installation.command("list-keys", "--tenant", "beta")).contains("7d");

        installation.command("set-prompts", "--key", keyId, "--on", "--keep", "12h");

        var listed = new ObjectMapper().readTree(installation.command("list-keys", "--tenant", "beta", "--json"));
        assertThat(listed.get(0).get("prompts_kept").asText()).isEqualTo("12h");
        assertThat(installation.command("prompts", "list", "--key", keyId)).isEqualToIgnoringNewLines("none");
        assertThat(installation.command("prompts", "purge", "--key", keyId, "--yes"))
                .contains("purged 0 prompts");
        assertThat(installation.command("audit", "list", "--tenant", "beta")).contains("set-prompts");
        assertThat(installation.command("audit", "list")).contains("list-prompts", "purge-prompts");
    }

    @Test
    void the_installed_models_are_listed_under_the_names_that_set_models_takes() {
        installation.ollama().models("llama3:8b", "mistral:7b");

        assertThat(installation.command("list-models")).contains("MODEL", "llama3:8b", "mistral:7b");
    }

    @Test
    void an_ollama_that_is_not_there_is_a_failure_in_one_line() {
        CommandRun run = new CommandRun(new InMemoryAdministration()).with("OLLAMA_URL", "http://127.0.0.1:1");

        assertThat(run.execute("list-models")).isEqualTo(1);
        assertThat(run.err()).contains("OLLAMA_URL").hasLineCount(1);
    }
}
