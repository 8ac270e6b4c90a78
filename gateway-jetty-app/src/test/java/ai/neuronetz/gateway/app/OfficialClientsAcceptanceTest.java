package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The official JavaScript clients, which know nothing of the gateway, against a gateway as users run it. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OfficialClientsAcceptanceTest {

    private static final Path SOURCES = Path.of("src/test/js");
    private static final Path WORK = Path.of("target/official-clients");
    private static final String MODEL = "llama3:8b";
    private static final String OTHER_MODEL = "mistral:7b";
    private static final int MAX_CALLS = 50;

    @Test
    void the_official_ollama_and_openai_clients_work_with_only_base_url_and_key_changed() throws Exception {
        requireNode();
        install();
        try (Installation installation = new Installation()) {
            installation
                    .ollama()
                    .models(MODEL, OTHER_MODEL)
                    .reply("The", " sky", " scatters", " blue", " light", " more", ".")
                    .pace(Duration.ofMillis(25));
            installation.command("create-tenant", "--tenant", "acme");
            installation.command("set-models", "--tenant", "acme", "--allow", MODEL);
            String key = installation.createKey("acme");
            String spentKey = installation.createKey("acme");
            installation.command(
                    "set-limits", "--key", spentKey.substring(4, 16), "--total-budget", "400", "--max-output", "20");
            try (GatewayProcess gateway = GatewayProcess.start(installation.serveSettings())) {
                spend(installation, gateway, spentKey);

                String said = run(
                        WORK,
                        Map.of(
                                "CLIENT_GATEWAY_URL",
                                gateway.url().toString(),
                                "CLIENT_KEY",
                                key,
                                "CLIENT_SPENT_KEY",
                                spentKey,
                                "CLIENT_MODEL",
                                MODEL,
                                "CLIENT_OTHER_MODEL",
                                OTHER_MODEL,
                                "CLIENT_EXPECTED_TEXT",
                                "The sky scatters blue light more."),
                        "node",
                        "clients.mjs");

                assertThat(said)
                        .contains("ok ollama streams a chat", "ok openai streams a chat", "ok pulling is blocked");
            }
        }
    }

    /**
     * Chats until the budget is spent, which also waits for the gateway to be ready. What a request has reserved and not used
     * comes back when it is settled, so the budget is spent only if nothing is open.
     */
    private static void spend(Installation installation, GatewayProcess gateway, String key)
            throws IOException, InterruptedException {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest chat = HttpRequest.newBuilder(URI.create(gateway.url() + "/api/chat"))
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + MODEL
                        + "\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                .build();
        String last = "";
        for (int i = 0; i < MAX_CALLS; i++) {
            boolean settled = !installation
                    .command("audit", "list", "--tenant", "acme", "--json")
                    .contains("OPEN");
            HttpResponse<String> answer = http.send(chat, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 402 && settled) {
                return;
            }
            if (answer.statusCode() != 200) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            last = answer.statusCode() + " " + answer.body();
        }
        throw new AssertionError("the budget was not spent after " + MAX_CALLS + " calls; the last answer was " + last);
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

    /** Into the build folder, so that the sources stay as they are. */
    private static void install() throws IOException, InterruptedException {
        Files.createDirectories(WORK);
        for (String file : List.of("package.json", "package-lock.json", ".npmrc", "clients.mjs")) {
            Files.copy(SOURCES.resolve(file), WORK.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        run(WORK, Map.of(), "npm", "ci", "--ignore-scripts");
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
            builder.environment().putAll(new HashMap<>(more));
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
