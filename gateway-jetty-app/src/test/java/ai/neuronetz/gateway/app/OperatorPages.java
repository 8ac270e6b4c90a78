package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.docs.CommandBlock;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The pages of commands that manage, that of the command line before the others: their blocks are run in their order against one
 * installation and a gateway that serves. Where a page shows an answer, that is what the first command of the block prints.
 *
 * <p>What deals with the process, its settings and its files has one of its own. The rest runs in this JVM, to be quick.
 */
final class OperatorPages implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String KEY_ID = "4fT0aZ81kQwe";
    private static final String REQUEST_ID = "0198c2f4-7d1e-7c3a-9a55-2f6d0c1b7e42";
    private static final String HEAD = "4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private static final String PURGE_THAT_ASKS = "gateway prompts purge --key " + KEY_ID;
    private static final Set<String> OWN_PROCESS =
            Set.of("Command line", "doctor", "migrate", "generate-pepper", "completion");

    private final Installation installation = new Installation();
    private final TestRedis forgetful = TestRedis.start();
    private final TestPostgres empty;
    private final Path directory;
    private final OperatorShell processes;
    private final OperatorShell quick;

    @SuppressWarnings("NullAway.Init")
    private Background serve;

    @SuppressWarnings("NullAway.Init")
    private ChatClient client;

    /** @param empty a server on which there is no gateway */
    OperatorPages(Path directory, TestPostgres empty) throws IOException {
        this.directory = Files.createDirectory(directory.resolve("processes"));
        this.empty = empty;
        installation.ollama().models("llama3:8b", "nomic-embed-text").counts(10, 20);
        String ollama = installation.ollama().uri().toString();
        processes = new OperatorShell(this.directory)
                .with(Map.of("LISTEN_PORT", "0", "MANAGEMENT_PORT", "0"))
                .at("redis://127.0.0.1:6379", TestRedis.shared().url())
                .at("http://127.0.0.1:11434", ollama)
                .at("<command>", "create-key")
                .jars(Map.of("gateway-jetty-app.jar", GatewayMain.class.getName()));
        Path home = Files.createDirectory(directory.resolve("quick"));
        quick = new OperatorShell(home)
                .at("http://127.0.0.1:11434", ollama)
                .at("/mnt/elsewhere", home.toString())
                .command("gateway", this::runHere);
    }

    void run(CommandBlock block) throws Exception {
        String first = "";
        switch (block.heading()) {
            case "serve" -> first = serve(block);
            case "Command line" -> assertDone(processes.run("shopt -s expand_aliases\n" + block.text()));
            default -> {
                prepare(block.heading());
                for (String command : block.commands()) {
                    String printed = run(block.heading(), command);
                    first = first.isEmpty() ? printed : first;
                }
            }
        }
        if (!block.shown().isEmpty()) {
            Printed.assertWhole(first, block.shown());
        }
    }

    private String run(String heading, String command) throws Exception {
        if (command.contains(KEY_ID)) {
            String made = installation.command("create-key", "--tenant", "acme", "--name", "ci", "--json");
            quick.at(KEY_ID, new ObjectMapper().readTree(made).get("key_id").asText());
        }
        if (command.contains(HEAD)) {
            quick.at(HEAD, installation.command("audit", "head").strip());
        }
        OperatorShell shell = OWN_PROCESS.contains(heading) ? processes : quick;
        if (command.equals(PURGE_THAT_ASKS)) {
            OperatorShell.Run run = shell.run(command);
            assertThat(run.exitCode()).isNotZero();
            assertThat(run.printed()).contains("there is no terminal to ask at");
            return run.printed();
        }
        return switch (heading) {
            // It finds the Redis that forgets, and on a machine that is too busy for its deadlines more than that.
            case "doctor" ->
                await().atMost(PATIENCE)
                        .until(() -> shell.run(command), run -> run.exitCode() == 1 && finds(run, 1))
                        .printed();
            case "completion" -> {
                String completed = assertDone(shell.run(command + "\ncomplete -p gateway"));
                assertThat(completed).contains("-F _complete_gateway");
                yield completed;
            }
            // Where it asks by itself is 8081, which its help says and this machine may use for something else.
            case "health" ->
                assertDone(shell.run(
                        command.contains("--url") ? command : command + " --url http://127.0.0.1:8081/readyz"));
            default -> assertDone(shell.run(command));
        };
    }

    private static boolean finds(OperatorShell.Run run, int faults) {
        return Pattern.compile("^FAIL|\"verdict\" ?: ?\"FAIL\"", Pattern.MULTILINE)
                        .matcher(run.printed())
                        .results()
                        .count()
                == faults;
    }

    /** What is not as expected fails the command, and so the block. */
    private String runHere(List<String> arguments) throws IOException {
        try {
            return installation.command(arguments.toArray(String[]::new));
        } catch (AssertionError e) {
            throw new IOException(e);
        }
    }

    private String serve(CommandBlock block) throws Exception {
        secret("app-url", installation.serveSettings().get("DATABASE_URL"));
        secret("pepper", installation.serveSettings().get("KEY_PEPPER"));
        serve = Background.start(processes, block.text());
        String management = serve.awaitPrinted("management on (\\S+)\n").group(1);
        String answers = serve.awaitPrinted("listening on (\\S+)\n").group(1);
        client = new ChatClient(answers);
        await().atMost(PATIENCE)
                .until(() -> installation.commandRun().execute("health", "--url", management + "/readyz") == 0);
        quick.at("http://127.0.0.1:8081", management);
        return String.join(
                        "\n",
                        serve.printed()
                                .lines()
                                .filter(line -> line.matches("(listening|management) on .*"))
                                .toList())
                + "\n";
    }

    private void prepare(String heading) throws Exception {
        switch (heading) {
            case "doctor" -> {
                DoctorTest.tell(forgetful, "CONFIG SET maxmemory-policy allkeys-lru");
                DoctorTest.tell(forgetful, "CONFIG SET maxmemory 100mb");
                processes
                        .with(installation.serveSettings())
                        .with(Map.of(
                                "REDIS_URL",
                                forgetful.url(),
                                "SPOOL_DIRECTORY",
                                directory.resolve("spool").toString()));
            }
            case "migrate" -> {
                secret("owner-url", empty.createDatabase().url());
                secret("app-password", "app-pw");
                secret("cli-password", "cli-pw");
            }
            case "usage" -> {
                client.chat(installation.createKey("acme"), "llama3:8b");
                await().atMost(PATIENCE)
                        .until(() -> installation.command("usage").contains("llama3:8b"));
            }
            case "audit head" ->
                await().atMost(PATIENCE).until(() -> installation.commandRun().execute("audit", "head") == 0);
            case "prompts list" -> {
                String key = installation.command("create-key", "--tenant", "acme", "--log-prompts");
                String id = client.chat(key.replaceAll("(?s).*(nng_\\w+).*", "$1"), "llama3:8b")
                        .headers()
                        .firstValue("X-Request-ID")
                        .orElseThrow();
                quick.at(REQUEST_ID, id);
                await().atMost(PATIENCE)
                        .until(() -> installation.command("prompts", "list").contains(id));
            }
            default -> {}
        }
    }

    private void secret(String name, String value) throws IOException {
        PemFiles.put(directory.resolve(name), value);
    }

    private static String assertDone(OperatorShell.Run run) {
        assertThat(run.exitCode()).as(run.printed()).isZero();
        return run.printed();
    }

    @Override
    public void close() throws IOException {
        if (serve != null) {
            serve.close();
        }
        quick.close();
        processes.close();
        forgetful.close();
        installation.close();
    }
}
