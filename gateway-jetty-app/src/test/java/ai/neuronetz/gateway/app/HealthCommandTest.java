package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HealthCommandTest {

    private final CommandRun run = new CommandRun(new InMemoryAdministration());
    private volatile int status = 200;
    private volatile String body = "{\"status\":\"ok\",\"redis\":\"ok\"}";

    @SuppressWarnings("NullAway.Init")
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/readyz", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private int execute(String... more) {
        String[] command = new String[3 + more.length];
        command[0] = "health";
        command[1] = "--url";
        command[2] = "http://127.0.0.1:" + server.getAddress().getPort() + "/readyz";
        System.arraycopy(more, 0, command, 3, more.length);
        return run.execute(command);
    }

    @Test
    void a_gateway_that_can_serve_is_healthy() {
        assertThat(execute()).isZero();
        assertThat(run.out()).isEqualToIgnoringNewLines("status ok, redis ok");
        assertThat(execute("--json")).isZero();
        assertThat(run.out()).contains(body);
    }

    @Test
    void one_that_cannot_is_not_and_says_why() {
        status = 503;
        body = "{\"status\":\"down\",\"redis\":\"down\"}";

        assertThat(execute()).isEqualTo(1);
        assertThat(run.out()).isEqualToIgnoringNewLines("status down, redis down");
    }

    @Test
    void one_that_does_not_answer_is_not() {
        body = "<html>";
        assertThat(execute()).isEqualTo(1);
        server.stop(0);
        assertThat(execute()).isEqualTo(1);
        assertThat(run.err()).contains("does not answer as a gateway does").hasLineCount(2);
    }

    @Test
    void a_url_that_is_none_is_wrong_usage() {
        assertThat(run.execute("health", "--url", "127.0.0.1:8081")).isEqualTo(2);
        assertThat(run.err()).startsWith("--url: ").hasLineCount(1);
    }
}
