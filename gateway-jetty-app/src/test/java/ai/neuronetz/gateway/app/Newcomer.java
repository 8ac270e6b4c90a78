package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.docs.CommandBlock;
import ai.neuronetz.gateway.docs.MavenCommand;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import ai.neuronetz.gateway.testkit.MockOllama;
import ai.neuronetz.gateway.testkit.TestDatabase;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.LifeCycle;

/** Follows the first steps on the pages, with stores in which there is nothing yet. Only the build has been done already. */
final class Newcomer implements AutoCloseable {

    private static final String MODEL = "llama3.2:3b";
    private static final Pattern KEY = Pattern.compile("nng_\\w+");

    private final TestPostgres postgres;
    private final TestRedis redis = TestRedis.start();
    private final MockOllama ollama = MockOllama.start();
    private final Path directory;
    private final OperatorShell shell;

    @SuppressWarnings("NullAway.Init")
    private TestDatabase database;

    @SuppressWarnings("NullAway.Init")
    private Server host;

    private String key = "";

    Newcomer(Path directory, TestPostgres postgres) throws IOException {
        this.postgres = postgres;
        this.directory = directory;
        ollama.models(MODEL);
        shell = new OperatorShell(directory)
                .with(Map.of("LISTEN_PORT", "0", "MANAGEMENT_PORT", "0"))
                .at("GATEWAY_APP_PASSWORD=…", "GATEWAY_APP_PASSWORD=app-pw")
                .at("GATEWAY_CLI_PASSWORD=…", "GATEWAY_CLI_PASSWORD=cli-pw")
                .at("redis://127.0.0.1:6379", redis.url())
                .at("http://127.0.0.1:11434", ollama.uri().toString())
                .at("--port 11434", "--port 0")
                .jars(Map.of(
                        "gateway-jetty-app/target/gateway-jetty-app.jar",
                        GatewayMain.class.getName(),
                        "gateway-testkit/target/gateway-testkit-standalone.jar",
                        "ai.neuronetz.gateway.testkit.StandaloneMain"))
                .command("mvn", arguments -> {
                    MavenCommand.check(arguments);
                    return "";
                });
    }

    void runsItStandalone(CommandBlock block) throws Exception {
        onAnEmptyDatabase();
        try (Background serve = Background.start(shell, block.text())) {
            String gateway = serve.awaitPrinted("listening on (\\S+)\n").group(1);
            new ChatClient(gateway).chat(keyIn(serve.printed()), MODEL);
            assertThat(serve.stop()).as(serve.printed()).isZero();
        }
    }

    void makesTheStores(CommandBlock block) throws Exception {
        onAnEmptyDatabase();
        key = keyIn(succeeds(block));
    }

    /** With what {@link #makesTheStores} has made, in an application of their own. */
    void triesIt(CommandBlock block) throws Exception {
        host = new Server(0);
        GatewayPipeline pipeline = GatewayPipeline.open(GatewaySettings.builder()
                .databaseUrl(database.url("gateway_app", "app-pw"))
                .redisUrl(redis.url())
                .ollamaUrl(ollama.uri().toString())
                .keyPepper(Files.readString(directory.resolve("pepper")).strip())
                .build());
        FilterHolder filter = new FilterHolder(GatewayFilter.builder(pipeline)
                .prefix("/llm")
                .closePipelineOnDestroy(Duration.ZERO)
                .build());
        filter.setAsyncSupported(true);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addFilter(filter, "/llm/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
        host.setHandler(context);
        host.start();
        String application = host.getURI().resolve("/").toString().replaceFirst("/$", "");
        new ChatClient(application + "/llm").chat(key, MODEL);
        shell.with(Map.of("KEY", key))
                .at("http://127.0.0.1:8080", application)
                .at("https://gateway.example", application + "/llm");

        assertThat(succeeds(block)).contains("\"status\":\"ok\"").contains("\"done\":true");
    }

    /** Of the application above, whose host tells what it is. */
    void checksIt(CommandBlock block) throws Exception {
        shell.at("nng_…", key);

        OperatorShell.Run run = shell.run(block.text());

        assertThat(run.exitCode()).as(run.printed()).isEqualTo(1);
        Printed.assertWhole(run.printed(), block.shown());
    }

    void runsTheMock(CommandBlock block) throws Exception {
        try (Background mock = Background.start(shell, block.text())) {
            String url = mock.awaitPrinted("listens on (\\S+)\n").group(1);
            assertThat(new ChatClient(url).get("/api/tags")).contains(MODEL);
        }
    }

    private void onAnEmptyDatabase() {
        database = postgres.createDatabase();
        shell.at("postgresql://postgres:…@127.0.0.1:5432/gateway", database.url())
                .at("postgresql://gateway_cli:…@127.0.0.1:5432/gateway", database.url("gateway_cli", "cli-pw"))
                .at("postgresql://gateway_app:…@127.0.0.1:5432/gateway", database.url("gateway_app", "app-pw"));
    }

    private String succeeds(CommandBlock block) throws Exception {
        OperatorShell.Run run = shell.run("shopt -s expand_aliases\n" + block.text());
        assertThat(run.exitCode()).as(run.printed()).isZero();
        return run.printed();
    }

    private static String keyIn(String printed) {
        Matcher key = KEY.matcher(printed);
        assertThat(key.find()).as(printed).isTrue();
        return key.group();
    }

    @Override
    public void close() {
        if (host != null) {
            LifeCycle.stop(host);
        }
        shell.close();
        ollama.close();
        redis.close();
    }
}
