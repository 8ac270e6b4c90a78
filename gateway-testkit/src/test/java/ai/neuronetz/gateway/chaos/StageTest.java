package ai.neuronetz.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StageTest {

    private static final String OTHER_SCRIPT = "return {'another script'}";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @SuppressWarnings("NullAway.Init")
    private static Stage stage;

    @SuppressWarnings("NullAway.Init")
    private static String secret;

    @SuppressWarnings("NullAway.Init")
    private static List<ProcessHandle> childrenBefore;

    @BeforeAll
    static void a_stage(@TempDir Path overlay) throws IOException {
        Path script = overlay.resolve("ai/neuronetz/gateway/redis/probe.lua");
        Files.createDirectories(script.resolve(".."));
        Files.writeString(script, OTHER_SCRIPT);
        childrenBefore = ProcessHandle.current().children().toList();
        stage = Stage.start(Stage.Options.of(2).withOverlay(overlay).withDatabasePatch(StageTest::createTable));
        secret = stage.key(stage.tenant()).secret();
    }

    @AfterAll
    static void everything_ends() {
        List<ProcessHandle> children = ProcessHandle.current()
                .children()
                .filter(child -> !childrenBefore.contains(child))
                .toList();

        stage.close();

        assertThat(children).isNotEmpty();
        await().atMost(Duration.ofSeconds(5)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void every_gateway_serves_and_reaches_the_mock() throws Exception {
        stage.ollama().clearRecord();

        assertEachServes();

        assertThat(stage.ollama().generations()).hasSize(2);
    }

    @Test
    void gateways_run_the_overlay_s_scripts_on_the_patched_database() throws Exception {
        assertThat(stage.redisCommand("SCRIPT", "EXISTS", sha1(OTHER_SCRIPT))).isEqualTo("1");
        try (Connection connection = stage.database().connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.execute("SELECT * FROM patched")).isTrue();
        }
    }

    @Test
    void every_fault_has_a_name_of_its_own() {
        assertThat(stage.faults())
                .extracting(Fault::name)
                .doesNotHaveDuplicates()
                .contains("redis-failover-with-loss");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres-restart",
                "redis-flush",
                "redis-restart-empty",
                "redis-failover-with-loss",
                "redis-two-primaries",
                "postgres-link-reset",
                "postgres-link-refuse",
                "redis-answers-lost",
                "gateway-kill",
                "crash:AFTER_BEGIN_EPOCH",
                "stall:BEFORE_GATE_SETTLE"
            })
    void after_a_fault_under_load_every_gateway_serves_again(String name) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread load = new Thread(() -> loadUntil(over), "load");
        load.start();
        try {
            stage.fault(name).strike(new Random(1));
        } finally {
            over.set(true);
            load.join();
        }

        stage.heal();

        assertEachServes();
    }

    private static void createTable(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE patched ()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sha1(String text) throws NoSuchAlgorithmException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void loadUntil(AtomicBoolean over) {
        while (!over.get()) {
            for (int gateway = 0; gateway < stage.gateways(); gateway++) {
                try {
                    chat(gateway);
                } catch (IOException e) {
                    // The fault is at work.
                    continue;
                } catch (InterruptedException e) {
                    return;
                }
            }
        }
    }

    private static void assertEachServes() throws Exception {
        for (int gateway = 0; gateway < stage.gateways(); gateway++) {
            int one = gateway;
            await().atMost(Duration.ofSeconds(20)).until(() -> chat(one) == 200);
        }
    }

    private static int chat(int gateway) throws IOException, InterruptedException {
        URI url = stage.url(gateway).resolve("/api/chat");
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(Duration.ofSeconds(5))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + secret)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"llama3.2:3b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }
}
