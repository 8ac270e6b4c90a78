package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.AuditTrail.Head;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.admin.Verification.Finding;
import ai.neuronetz.gateway.admin.Verification.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AuditCommandsTest {

    private static final String HASH = "ab".repeat(32);
    private static final String KEY = "cd".repeat(32);

    private final InMemoryAdministration administration = new InMemoryAdministration();
    private final CommandRun run = new CommandRun(administration).with("DATABASE_URL", "postgresql://db/gateway");

    private int execute(String command) {
        return run.execute(command.split(" "));
    }

    private static Verification verification(List<Finding> findings) {
        return new Verification(
                7,
                70,
                new Head(7, HASH, CommandRun.NOW),
                null,
                3,
                CommandRun.NOW,
                "2026-09",
                2L,
                20,
                findings,
                findings.size());
    }

    @Test
    void an_intact_log_is_success_and_says_what_it_covers_and_what_not() {
        administration.found(verification(List.of()));

        assertThat(execute("audit verify")).isZero();

        assertThat(run.out())
                .contains("intact: 7 seals over 70 rows, up to 7:" + HASH)
                .contains("not sealed yet, and not verified: 3 rows since 2026-11-25T12:00:00Z")
                .contains("dropped by retention: 20 rows of months before 2026-09, of seals up to 2");
    }

    @Test
    void an_altered_log_has_an_exit_code_of_its_own_and_names_the_place() throws Exception {
        administration.found(verification(List.of(new Finding(
                Kind.ROW_ALTERED,
                5L,
                CommandRun.NOW,
                CommandRun.NOW,
                "settlement",
                "r",
                "seal 5: row r was altered"))));

        assertThat(execute("audit verify --json")).isEqualTo(3);

        JsonNode json = new ObjectMapper().readTree(run.out());
        assertThat(json.get("intact").asBoolean()).isFalse();
        assertThat(json.get("findings").get(0).get("kind").asText()).isEqualTo("row_altered");
        assertThat(json.get("findings").get(0).get("seal").asLong()).isEqualTo(5);
        assertThat(execute("audit verify")).isEqualTo(3);
        assertThat(run.out()).contains("ALTERED: ").contains("- seal 5: row r was altered");
    }

    @Test
    void the_span_and_the_expected_head_are_handed_on() {
        assertThat(execute("audit verify --since 2h --until 2026-11-25T11:30:00Z --expect 7:" + HASH))
                .isZero();

        assertThat(administration.asked())
                .isEqualTo("Check[since=2026-11-25T10:00:00Z, until=2026-11-25T11:30:00Z, expected=7:" + HASH + "]");
    }

    @Test
    void a_seal_key_that_is_none_is_refused_without_being_repeated() {
        run.with("AUDIT_SEAL_KEY", "s3cret");

        assertThat(execute("audit verify")).isEqualTo(2);
        assertThat(run.err())
                .contains("AUDIT_SEAL_KEY")
                .doesNotContain("s3cret")
                .hasLineCount(1);
        run.with("AUDIT_SEAL_KEY", KEY);
        assertThat(execute("audit verify")).isZero();
    }

    @Test
    void entries_are_selected_by_kind_tenant_key_time_and_outcome() {
        assertThat(execute("audit list --kind denial --tenant acme --key k --since 2026-11-01 --outcome completed"))
                .isZero();
        assertThat(administration.asked())
                .isEqualTo("AuditFilter[kind=DENIAL, tenantId=acme, keyId=k, since=2026-11-01T00:00:00Z, until=null,"
                        + " outcome=COMPLETED] 100");

        assertThat(execute("audit export --kind seal")).isZero();
        assertThat(administration.asked()).startsWith("AuditFilter[kind=SEAL");
        assertThat(run.out()).contains("{}\n");
    }

    @Test
    void the_head_is_one_line_to_keep() {
        administration.found(verification(List.of()));

        assertThat(execute("audit head")).isZero();
        assertThat(run.out()).isEqualToIgnoringNewLines("7:" + HASH);
    }

    @Test
    void without_a_seal_there_is_no_head() {
        assertThat(execute("audit head")).isEqualTo(1);
        assertThat(run.err()).contains("nothing is sealed yet").hasLineCount(1);
    }

    @Test
    void over_a_real_database_the_commands_agree_with_one_another() throws Exception {
        try (Installation installation = new Installation()) {
            installation.command("create-tenant", "--tenant", "acme", "--name", "Acme");
            installation.command("set-models", "--tenant", "acme", "--allow-all");
            installation.execute(false, "SELECT gateway.seal(0, 1000)");
            String head = installation.command("audit", "head").strip();

            assertThat(installation.command("audit", "verify", "--expect", head))
                    .contains("intact: 1 seals over 2 rows, up to " + head);
            assertThat(installation.command("audit", "export").lines())
                    .hasSize(3)
                    .anySatisfy(line -> assertThat(line)
                            .contains(
                                    "\"kind\":\"change\"",
                                    "\"what\":\"set-models\"",
                                    "\"database_user\":\"gateway_cli\"")
                            .contains("\"operator\":\"" + System.getProperty("user.name") + "\"")
                            .contains("\"before\": {\"allowed_models\": [], \"allow_all_models\": false}"));
            assertThat(installation.command("audit", "list", "--kind", "seal")).contains(head + " over 2 rows");
            assertThat(installation.command("audit", "list", "--kind", "request"))
                    .isEqualToIgnoringNewLines("none");

            installation.execute(
                    true,
                    "SET session_replication_role = replica; UPDATE gateway.audit_change SET tenant_id = 'other'"
                            + " WHERE what = 'set-models'");
            CommandRun altered = installation.commandRun();
            assertThat(altered.execute("audit", "verify")).isEqualTo(3);
            assertThat(altered.out()).contains("seal 1 ", "change: row 2 was altered");
        }
    }
}
