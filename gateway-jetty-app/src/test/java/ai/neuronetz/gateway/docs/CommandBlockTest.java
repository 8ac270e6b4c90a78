package ai.neuronetz.gateway.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CommandBlockTest {

    private static final Path PAGE = Path.of("docs", "A.md");

    @Test
    void a_block_knows_its_place_its_commands_and_the_answer_that_is_shown() {
        List<CommandBlock> blocks = CommandBlock.of(PAGE, """
                # Page

                ## First

                ```bash
                # A comment is no heading.
                one \\
                  --more

                two
                ```

                ```text
                shown
                ```
                - in a list:
                  ```shell
                  three
                  ```
                  Words.

                ```text
                shown elsewhere
                ```
                """);

        assertThat(blocks).extracting(CommandBlock::line).containsExactly(5, 17);
        assertThat(blocks).extracting(CommandBlock::heading).containsOnly("First");
        assertThat(blocks).extracting(CommandBlock::shown).containsExactly("shown\n", "");
        assertThat(blocks.get(0).commands()).containsExactly("# A comment is no heading.", "one \\\n  --more", "two");
    }

    @Test
    void a_fence_that_may_hold_commands_is_not_passed_over() {
        for (String language : List.of("", "sh", "console", "Bash")) {
            assertThatThrownBy(() -> CommandBlock.of(PAGE, "```" + language + "\nrm -r /\n```\n"))
                    .hasMessageContaining("docs/A.md")
                    .hasMessageContaining("rm -r /");
        }
        assertThatThrownBy(() -> CommandBlock.of(PAGE, "~~~bash\nrm -r /\n~~~\n"))
                .hasMessageContaining("docs/A.md");
    }
}
