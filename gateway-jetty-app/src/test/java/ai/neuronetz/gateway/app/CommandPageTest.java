package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * All commands are alike, and {@code docs/CLI.md} shows them as they are. Run with {@code -Dpages.write=true} to write the
 * tables of flags anew.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CommandPageTest {

    private static final Path PAGE = Path.of("..", "docs", "CLI.md");
    private static final Pattern TABLE =
            Pattern.compile("(?s)<!-- flags of ([a-z -]+?), from its help -->\\n(.*?)<!-- end -->");

    /** What they print is no report: a log, JSON lines in any case, a script. */
    private static final Set<String> WITHOUT_JSON = Set.of("serve", "audit export", "completion");

    private static final Map<String, CommandSpec> COMMANDS = commands();

    private final CommandRun run = new CommandRun(new InMemoryAdministration())
            .with("DATABASE_URL", "postgresql://gateway_cli@db/gateway")
            .with("KEY_PEPPER", "0123456789abcdef".repeat(4));

    private static Map<String, CommandSpec> commands() {
        StringWriter nowhere = new StringWriter();
        CommandLine root = new CommandLines(
                        Map.of(),
                        new PrintWriter(nowhere),
                        new PrintWriter(nowhere),
                        Clock.systemUTC(),
                        url -> new InMemoryAdministration(),
                        settings -> {
                            throw new AssertionError("nothing is to be opened");
                        },
                        () -> {})
                .root();
        Map<String, CommandSpec> commands = new LinkedHashMap<>();
        collect("", root, commands);
        return commands;
    }

    private static void collect(String prefix, CommandLine parent, Map<String, CommandSpec> commands) {
        parent.getSubcommands().forEach((name, command) -> {
            if (command.getSubcommands().isEmpty()) {
                commands.put(prefix + name, command.getCommandSpec());
            }
            collect(prefix + name + " ", command, commands);
        });
    }

    static Set<String> names() {
        return COMMANDS.keySet();
    }

    @ParameterizedTest
    @MethodSource("names")
    void every_command_explains_itself_with_an_example_and_its_exit_codes(String command) {
        assertThat(execute(command + " --help")).isZero();

        assertThat(run.out())
                .containsPattern("Examples?:\\R(.*\\R)*? +.*" + command)
                .contains("Exit codes:");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_flag_that_is_none_is_wrong_usage_of_every_command(String command) {
        assertThat(execute(command + " --no-such-flag")).isEqualTo(2);
        assertThat(run.err()).isNotEmpty();
    }

    @Test
    void whatever_reports_does_so_in_json_too() {
        assertThat(COMMANDS)
                .allSatisfy((name, command) -> assertThat(command.findOption("--json") != null)
                        .as(name)
                        .isEqualTo(!WITHOUT_JSON.contains(name)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create-tenant --tenant acme",
                "set-models --tenant one --allow-all",
                "set-limits --tenant one --rpm 1",
                "create-key --tenant one",
                "list-tenants",
                "list-keys",
                "usage",
                "audit list",
                "audit verify",
                "prompts list",
                "prompts purge --yes",
                "generate-pepper"
            })
    void what_is_printed_as_json_is_json_and_nothing_else(String command) throws IOException {
        InMemoryAdministration administration = new InMemoryAdministration();
        administration.createTenant("one", "One");
        CommandRun json = new CommandRun(administration)
                .with("DATABASE_URL", "postgresql://gateway_cli@db/gateway")
                .with("KEY_PEPPER", "0123456789abcdef".repeat(4));

        assertThat(json.execute((command + " --json").split(" ")))
                .as(json.err())
                .isZero();

        assertThat(new ObjectMapper().readTree(json.out()).isContainerNode()).isTrue();
        assertThat(json.err()).isEmpty();
    }

    @Test
    void the_same_thing_is_given_by_the_same_flag_everywhere() {
        Set<String> labels = COMMANDS.values().stream()
                .flatMap(command -> command.options().stream())
                .filter(option ->
                        Set.of("--tenant", "--key", "--since", "--until").contains(option.longestName()))
                .map(option -> option.longestName() + " " + option.paramLabel())
                .collect(Collectors.toSet());

        assertThat(labels).containsExactlyInAnyOrder("--tenant TENANT", "--key KEY-ID", "--since TIME", "--until TIME");
    }

    @Test
    void the_page_has_every_command_with_the_flags_it_has() throws IOException {
        String page = Files.readString(PAGE);
        Matcher table = TABLE.matcher(page);
        List<String> shown = new ArrayList<>();
        String written = table.replaceAll(match -> {
            shown.add(match.group(1));
            return Matcher.quoteReplacement("<!-- flags of " + match.group(1) + ", from its help -->\n"
                    + flags(match.group(1), COMMANDS.get(match.group(1))) + "<!-- end -->");
        });
        if (Boolean.getBoolean("pages.write")) {
            Files.writeString(PAGE, written);
        }

        assertThat(shown).containsExactlyInAnyOrderElementsOf(COMMANDS.keySet());
        assertThat(page).isEqualTo(written);
        assertThat(COMMANDS.keySet()).allSatisfy(name -> assertThat(page).contains("\n### " + name + "\n"));
    }

    /** Those that every command over the database has are in a table of their own, as those that doctor has of serve are. */
    private static String flags(String name, CommandSpec command) {
        Set<String> elsewhere = Stream.concat(
                        Stream.of("--help", "--json"),
                        name.equals("serve")
                                ? Stream.of()
                                : name.equals("doctor")
                                        ? COMMANDS.get("serve").options().stream()
                                                .map(OptionSpec::longestName)
                                        : COMMANDS.get("list-keys").options().stream()
                                                .map(OptionSpec::longestName)
                                                .filter(flag -> flag.startsWith("--database")))
                .collect(Collectors.toSet());
        StringBuilder rows = new StringBuilder();
        command.positionalParameters()
                .forEach(parameter -> rows.append(row(
                        parameter.paramLabel(),
                        String.join(" ", parameter.description())
                                .replace("${DEFAULT-VALUE}", String.valueOf(parameter.defaultValueString())))));
        command.options().stream()
                .filter(option -> !elsewhere.contains(option.longestName()))
                .forEach(option -> rows.append(row(
                        String.join(", ", option.names())
                                + (option.arity().max() == 0 ? "" : " " + option.paramLabel()),
                        String.join(" ", option.description())
                                .replace("${DEFAULT-VALUE}", option.defaultValueString())
                                .replace("%%", "%"))));
        return rows.isEmpty() ? "" : "| Flag | |\n|---|---|\n" + rows;
    }

    private static String row(String flag, String description) {
        return "| `" + flag + "` | " + description.replace("|", "\\|").replace("<", "&lt;") + " |\n";
    }

    private int execute(String command) {
        return run.execute(command.split(" "));
    }
}
