package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.docs.CommandBlock;
import ai.neuronetz.gateway.docs.Pages;
import ai.neuronetz.gateway.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command on a page is run as it stands there; of a build, which cannot run in a build, it is seen that it would run. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("pages")
class PageCommandsTest {

    /** Pages that something else follows: {@code .ci/deployment}, and the test of what operators do. */
    private static final Set<Path> FOLLOWED = Set.of(Path.of("docs/DEPLOYMENT.md"), Path.of("docs/OPERATIONS.md"));

    private static final Pattern INLINE = Pattern.compile("`(mvn [^`]+)`");

    @SuppressWarnings("NullAway.Init")
    private TestPostgres postgres;

    @SuppressWarnings("NullAway.Init")
    private BuildCommands builds;

    @SuppressWarnings("NullAway.Init")
    private OperatorPages operators;

    @SuppressWarnings("NullAway.Init")
    private Newcomer newcomer;

    private final List<Rule> rules = List.of(
            new Rule("the demo", block -> block.text().equals("demo/demo.sh\n"), block -> assertCiRuns("demo/demo.sh")),
            new Rule(
                    "builds",
                    block -> block.text().equals("mvn verify\n")
                            || block.page().startsWith("examples")
                            || block.page().startsWith("docs/benchmarks"),
                    block -> builds.run(block)),
            new Rule("the command line", on("docs/CLI.md"), block -> operators.run(block)),
            new Rule(
                    "the audit log and the prompt log",
                    on("docs/AUDIT.md").or(on("docs/PROMPTS.md")),
                    block -> operators.run(block)),
            new Rule("standalone", on("README.md", "Run it standalone"), block -> newcomer.runsItStandalone(block)),
            new Rule("stores", on("docs/EMBEDDING.md", "1. The stores"), block -> newcomer.makesTheStores(block)),
            new Rule("embedded", on("docs/EMBEDDING.md", "4. Try it"), block -> newcomer.triesIt(block)),
            new Rule("conformance", on("docs/TESTING.md", "Conformance"), block -> newcomer.checksIt(block)),
            new Rule("the mock", on("docs/TESTING.md", "The mock by itself"), block -> newcomer.runsTheMock(block)));

    /** How blocks are run that it covers. */
    private record Rule(String name, Predicate<CommandBlock> covers, Way way) {}

    private interface Way {
        void run(CommandBlock block) throws Exception;
    }

    @BeforeAll
    void set_up(@TempDir Path directory) throws IOException {
        postgres = TestPostgres.start();
        builds = new BuildCommands(Files.createDirectory(directory.resolve("builds")));
        operators = new OperatorPages(Files.createDirectory(directory.resolve("operators")), postgres);
        newcomer = new Newcomer(Files.createDirectory(directory.resolve("newcomer")), postgres);
    }

    @AfterAll
    void close() throws IOException {
        newcomer.close();
        operators.close();
        builds.close();
        postgres.close();
    }

    /** In the order of the rules, as some build on what others have set up. */
    @TestFactory
    Stream<DynamicTest> every_block_of_commands_is_run() {
        return Stream.concat(
                blocks().filter(block -> covering(block).count() != 1)
                        .map(block -> DynamicTest.dynamicTest(
                                block.toString(),
                                () -> assertThat(covering(block))
                                        .as("who runs it")
                                        .hasSize(1))),
                rules.stream()
                        .flatMap(rule -> blocks().filter(rule.covers())
                                .map(block -> DynamicTest.dynamicTest(
                                        block.toString(), () -> rule.way().run(block)))));
    }

    @Test
    void every_rule_is_needed() {
        assertThat(rules)
                .allSatisfy(rule -> assertThat(blocks().filter(rule.covers()))
                        .as(rule.name())
                        .isNotEmpty());
    }

    @Test
    void the_page_of_deployment_is_followed_by_ci() throws IOException {
        assertCiRuns(".ci/deployment");

        Path page = Path.of("docs/DEPLOYMENT.md");
        List<String> lines = Pages.read(page).lines().toList();
        assertThat(CommandBlock.of(page))
                .filteredOn(block -> !lines.get(block.line() - 2).startsWith("<!-- run"))
                .as("not run: they need systemd or Docker")
                .allMatch(block ->
                        block.text().contains("systemctl") || block.text().contains("docker compose"));
    }

    @ParameterizedTest
    @MethodSource
    void a_build_in_the_midst_of_words_would_run(String command) throws Exception {
        builds.check(command);
    }

    static List<String> a_build_in_the_midst_of_words_would_run() {
        return Pages.all().stream()
                .flatMap(page -> INLINE.matcher(Pages.read(page)).results().map(one -> one.group(1)))
                .distinct()
                .toList();
    }

    private Stream<Rule> covering(CommandBlock block) {
        return rules.stream().filter(rule -> rule.covers().test(block));
    }

    private static Stream<CommandBlock> blocks() {
        return CommandBlock.all().stream().filter(block -> !FOLLOWED.contains(block.page()));
    }

    private static void assertCiRuns(String program) throws IOException {
        assertThat(Files.readAllLines(Pages.ROOT.resolve(".ci/run")))
                .anyMatch(line -> line.equals(program) || line.startsWith(program + " "));
        assertThat(Pages.ROOT.resolve(program)).isExecutable();
    }

    private static Predicate<CommandBlock> on(String page) {
        return block -> block.page().equals(Path.of(page));
    }

    private static Predicate<CommandBlock> on(String page, String heading) {
        return on(page).and(block -> block.heading().equals(heading));
    }
}
