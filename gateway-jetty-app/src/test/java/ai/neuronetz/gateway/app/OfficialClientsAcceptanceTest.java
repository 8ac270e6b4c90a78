package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The official JavaScript clients of Ollama, OpenAI and Anthropic, with only base URL and key changed. */
@ExtendWith(SharedClientStage.class)
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OfficialClientsAcceptanceTest {

    private static final Path SOURCES = Path.of("src/test/js");
    private static final Path WORK = Path.of("target/official-clients");

    @SuppressWarnings("NullAway.Init")
    private static Npm npm;

    private final ClientStage stage;

    OfficialClientsAcceptanceTest(ClientStage stage) {
        this.stage = stage;
    }

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        npm = Npm.install(SOURCES, WORK, "run.mjs", "support.mjs", "ollama.mjs", "openai.mjs", "anthropic.mjs");
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
        return npm.run(
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
}
