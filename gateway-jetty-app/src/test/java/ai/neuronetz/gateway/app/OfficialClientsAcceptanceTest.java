package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The official JavaScript clients of Ollama, OpenAI and Anthropic, with only base URL and key changed. */
@ExtendWith(SharedClientStage.class)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OfficialClientsAcceptanceTest {

    private static final Path SOURCES = Path.of("src/test/js");
    private static final Path WORK = Path.of("target/official-clients");
    private static final List<String> FILES = List.of(
            "package.json",
            "package-lock.json",
            ".npmrc",
            "run.mjs",
            "support.mjs",
            "ollama.mjs",
            "openai.mjs",
            "anthropic.mjs");

    private final ClientStage stage;

    OfficialClientsAcceptanceTest(ClientStage stage) {
        this.stage = stage;
    }

    /** Into the build folder, so that the sources stay as they are. */
    @BeforeAll
    static void install() throws IOException, InterruptedException {
        requireNode();
        Files.createDirectories(WORK);
        for (String file : FILES) {
            Files.copy(SOURCES.resolve(file), WORK.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        run(WORK, Map.of(), "npm", "ci", "--ignore-scripts");
    }

    @Test
    void lists_chats_streams_embeddings_and_refusals_are_as_each_client_expects() throws Exception {
        assertThat(act("answers"))
                .contains(
                        "ok ollama streams a chat",
                        "ok ollama embeds",
                        "ok openai streams a response, event after event",
                        "ok openai comes again when Retry-After says so",
                        "ok anthropic sends a message with its key in x-api-key",
                        "ok anthropic comes again when Retry-After says so");
        stage.ollama().awaitQuiet(Duration.ofSeconds(5));
    }

    @Test
    void thinking_and_tool_calls_go_there_and_back() throws Exception {
        stage.callTools();

        assertThat(act("calls"))
                .contains(
                        "ok ollama streams a tool call",
                        "ok openai streams a response with a tool call",
                        "ok anthropic streams a tool call");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fails", "is cut", "closes", "stalls"})
    void a_stream_that_breaks_off_is_an_error_and_never_an_answer(String how) throws Exception {
        int frames = 6;
        switch (how) {
            case "fails" -> stage.ollama().failAfter(frames, "the engine died");
            case "is cut" -> stage.ollama().cutAfter(frames);
            case "closes" -> stage.ollama().closeAfter(frames);
            default -> stage.ollama().stallAfter(frames);
        }

        assertThat(act("broken"))
                .contains(
                        "broke: generate",
                        "broke: whole chat",
                        "broke: whole response",
                        "anthropic sees that it broke");
    }

    @Test
    void an_outage_is_an_error_of_its_own_class() throws Exception {
        stage.withoutRedis(() -> assertThat(act("unavailable"))
                .contains(
                        "ok ollama meets an outage as 503",
                        "ok openai meets an outage as 503",
                        "ok anthropic meets an outage as 503"));
    }

    private String act(String act) throws IOException, InterruptedException {
        return run(
                WORK,
                Map.of(
                        "CLIENT_GATEWAY_URL", stage.url(),
                        "CLIENT_KEY", stage.key(),
                        "CLIENT_SPENT_KEY", stage.spentKey(),
                        "CLIENT_HASTY_KEY", stage.hastyKey(),
                        "CLIENT_SINGLE_KEY", stage.singleKey(),
                        "CLIENT_MODEL", ClientStage.MODEL,
                        "CLIENT_OTHER_MODEL", ClientStage.OTHER_MODEL,
                        "CLIENT_EXPECTED_TEXT", ClientStage.TEXT),
                "node",
                "run.mjs",
                act);
    }

    private static void requireNode() throws IOException, InterruptedException {
        boolean present;
        try {
            run(Path.of("."), Map.of(), "node", "--version");
            run(Path.of("."), Map.of(), "npm", "--version");
            present = true;
        } catch (IOException e) {
            present = false;
        }
        if (!present && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("there is no node or npm here, and CI must not skip this test; install Node 20");
        }
        assumeTrue(present, "there is no node or npm here; install Node 20 to try the official clients");
    }

    /** Runs a program that must succeed; what it printed. */
    private static String run(Path folder, Map<String, String> more, String... command)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("official-clients", ".log");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().putAll(more);
            Process process = builder.start();
            boolean ended = process.waitFor(3, TimeUnit.MINUTES);
            process.destroyForcibly();
            String said = Files.readString(log);
            assertThat(ended)
                    .as("%s ended in time; it said: %s", command[0], said)
                    .isTrue();
            assertThat(process.exitValue()).as("%s said: %s", command[0], said).isZero();
            return said;
        } finally {
            Files.deleteIfExists(log);
        }
    }
}
