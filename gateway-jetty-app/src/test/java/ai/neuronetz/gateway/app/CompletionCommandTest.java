package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CompletionCommandTest {

    private final CommandRun run = new CommandRun(new InMemoryAdministration());

    @Test
    void bash_completes_commands_and_flags_with_the_script() throws IOException, InterruptedException {
        assertThat(run.execute("completion", "bash")).isZero();

        assertThat(completed("rotate-k")).contains("rotate-key");
        assertThat(completed("audit ver")).contains("verify");
        assertThat(completed("create-key --ten")).contains("--tenant");
    }

    @Test
    void a_shell_or_a_name_that_is_none_is_wrong_usage() {
        assertThat(run.execute("completion", "fish")).isEqualTo(2);
        assertThat(run.execute("completion", "--name", "a;b")).isEqualTo(2);
        assertThat(run.err()).hasLineCount(2);
    }

    private String completed(String typed) throws IOException, InterruptedException {
        String script = run.out()
                + "\nCOMP_WORDS=(gateway " + typed + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=\"gateway "
                + typed
                + "\"\n_complete_gateway; printf '%s\\n' \"${COMPREPLY[@]}\"\n";
        Process bash =
                new ProcessBuilder("bash", "-s").redirectErrorStream(true).start();
        try (var in = bash.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.UTF_8));
        }
        String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        bash.waitFor();
        return answer;
    }
}
