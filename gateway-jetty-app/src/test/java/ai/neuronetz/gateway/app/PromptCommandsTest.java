package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.admin.PromptAdministration.Prompt;
import ai.neuronetz.gateway.admin.PromptAdministration.PromptRow;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyId;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PromptCommandsTest {

    private static final KeyId KEY = new KeyId("4fT0aZ81kQwe");
    private static final UUID REQUEST = UUID.fromString("0198c2f4-7d1e-7c3a-9a55-2f6d0c1b7e42");
    private static final String PEPPER = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private final InMemoryAdministration administration = new InMemoryAdministration();
    private final InMemoryPrompts prompts = administration.prompts();
    private final CommandRun run = new CommandRun(administration)
            .with("DATABASE_URL", "postgresql://gateway_cli@db/gateway")
            .with("KEY_PEPPER", PEPPER);

    private int execute(String line) {
        return run.execute(line.split(" "));
    }

    private void aPrompt(String prompt, boolean cut) {
        PromptRow row = new PromptRow(
                REQUEST,
                CommandRun.NOW,
                CommandRun.NOW.plus(Duration.ofDays(7)),
                "acme",
                KEY,
                "/api/chat",
                "llama3:8b",
                "COMPLETED",
                prompt.length(),
                4);
        prompts.add(new Prompt(row, prompt, cut, "Fine", false));
    }

    @Test
    void a_key_is_switched_on_for_seven_days_or_for_as_long_as_was_said_and_off() {
        assertThat(execute("set-prompts --key " + KEY + " --on")).isZero();
        assertThat(prompts.asked()).isEqualTo(KEY + " PT168H");
        assertThat(execute("set-prompts --key " + KEY + " --on --keep 12h")).isZero();
        assertThat(prompts.asked()).isEqualTo(KEY + " PT12H");
        assertThat(execute("set-prompts --key " + KEY + " --off")).isZero();
        assertThat(prompts.asked()).isEqualTo(KEY + " null");
        assertThat(run.out().lines())
                .containsExactly(
                        "prompts of " + KEY + " are kept for 7d",
                        "prompts of " + KEY + " are kept for 12h",
                        "prompts of " + KEY + " are not kept");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " --on --off", " --off --keep 1d", " --on --keep 0d", " --on --keep 367d", " --on --keep x"})
    void a_switch_that_is_none_is_wrong_usage(String switches) {
        assertThat(execute("set-prompts --key " + KEY + switches)).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1);
        assertThat(prompts.asked()).isEmpty();
    }

    @Test
    void a_new_key_has_its_prompts_kept_only_if_that_was_asked_for() throws IOException {
        administration.createTenant("acme", "Acme");

        assertThat(execute("create-key --tenant acme --json")).isZero();
        assertThat(prompts.asked()).isEmpty();

        assertThat(execute("create-key --tenant acme --log-prompts")).isZero();
        String shown = run.out()
                .lines()
                .filter(line -> line.startsWith("key  "))
                .findFirst()
                .orElseThrow();
        ApiKey key = ApiKey.parse(shown.substring(shown.lastIndexOf(' ') + 1)).orElseThrow();
        assertThat(prompts.asked()).isEqualTo(key.id() + " PT168H");
    }

    @Test
    void prompts_are_listed_without_what_was_said() throws IOException {
        aPrompt("Hello", false);

        assertThat(execute("prompts list --tenant acme --key " + KEY + " --since 24h --limit 5 --json"))
                .isZero();

        assertThat(prompts.asked()).isEqualTo("acme " + KEY + " 2026-11-24T12:00:00Z 5");
        JsonNode row = new ObjectMapper().readTree(run.out()).get(0);
        assertThat(row.get("request_id").asText()).isEqualTo(REQUEST.toString());
        assertThat(row.get("prompt_length").asInt()).isEqualTo(5);
        assertThat(run.out()).doesNotContain("Hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--since yesterday", "--limit 0", "--key 123"})
    void a_filter_that_is_none_is_wrong_usage(String filter) {
        assertThat(execute("prompts list " + filter)).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1);
    }

    @Test
    void a_prompt_is_shown_line_by_line_and_cannot_drive_the_terminal() {
        aPrompt("[user]\nHi\u001b[2J", true);

        assertThat(execute("prompts show " + REQUEST)).isZero();

        assertThat(run.out())
                .contains("model       llama3:8b")
                .contains("--- prompt, the beginning ---\n[user]\nHi?[2J\n")
                .contains("--- answer ---\nFine\n");
    }

    @Test
    void a_prompt_is_shown_to_programs_as_it_is() throws IOException {
        aPrompt("[user]\nHi", true);

        assertThat(execute("prompts show --json " + REQUEST)).isZero();

        JsonNode shown = new ObjectMapper().readTree(run.out());
        assertThat(shown.get("prompt").asText()).isEqualTo("[user]\nHi");
        assertThat(shown.get("prompt_cut").asBoolean()).isTrue();
        assertThat(shown.get("answer_cut").asBoolean()).isFalse();
    }

    @Test
    void a_prompt_that_is_gone_is_a_failure_and_an_id_that_is_none_is_wrong_usage() {
        assertThat(execute("prompts show " + REQUEST)).isEqualTo(1);
        assertThat(execute("prompts show 17")).isEqualTo(2);
        assertThat(run.err()).hasLineCount(2);
    }

    @Test
    void a_purge_says_how_many_went() {
        aPrompt("Hello", false);

        assertThat(execute("prompts purge --tenant acme --before 2026-11-01T00:00:00Z --yes"))
                .isZero();

        assertThat(prompts.asked()).isEqualTo("acme null 2026-11-01T00:00:00Z");
        assertThat(run.out()).isEqualToIgnoringNewLines("purged 1 prompt");
    }

    @Test
    void a_purge_asks_first_and_says_what_it_would_delete() {
        aPrompt("Hello", false);
        List<String> questions = new ArrayList<>();

        assertThatThrownBy(() -> purge(question -> !questions.add(question), "--key", KEY.value()))
                .isInstanceOf(AdministrationException.class)
                .hasMessage("nothing was deleted");
        assertThat(prompts.asked()).isEmpty();

        purge(questions::add);

        assertThat(questions)
                .containsExactly("Delete the prompts of key " + KEY + " for good?", "Delete all prompts for good?");
        assertThat(prompts.asked()).isEqualTo("null null null");
    }

    @Test
    void a_purge_without_a_terminal_needs_a_yes_beforehand() {
        assertThatThrownBy(() -> purge(question -> {
                    throw new ConfigurationException("no terminal");
                }))
                .isInstanceOf(ConfigurationException.class);
        assertThat(prompts.asked()).isEmpty();
    }

    private void purge(Confirmation confirmation, String... arguments) {
        AdministrationAccess access = new AdministrationAccess(
                Settings.of(
                        Map.of("DATABASE_URL", "postgresql://gateway_cli@db/gateway"),
                        Setting.DATABASE_URL,
                        Setting.DATABASE_USER,
                        Setting.DATABASE_PASSWORD),
                url -> administration);
        PromptsPurgeCommand command = new PromptsPurgeCommand(
                access, Clock.fixed(CommandRun.NOW, ZoneOffset.UTC), confirmation, new PrintWriter(new StringWriter()));
        new CommandLine(command).parseArgs(arguments);
        command.call();
    }
}
