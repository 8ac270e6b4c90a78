package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.TestRedis;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An application with the gateway in it goes without a trace: its threads, connections and classes. */
@Tag(ServletHost.TAG)
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedeployTest {

    /** JDK 17 itself keeps the class that was last compared as a component of a record (JDK-8078641). */
    private static final long KEPT_BY_THE_JDK = Runtime.version().feature() < 18 ? 1 : 0;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CHAT =
            "{\"model\":\"llama3.2:3b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
    void an_application_that_is_deployed_again_and_again_leaves_no_thread_no_connection_and_no_class(
            ServletHost.Kind kind) throws Exception {
        // Ten times where there is the most to leave behind: Tomcat pools what belongs to no request.
        int rounds = kind == ServletHost.Kind.TOMCAT_10 ? 10 : 3;
        try (Complaints complaints = new Complaints();
                TestRedis redis = TestRedis.start();
                TestGateway stores = TestGateway.builder().redis(redis).start();
                WebApps host = WebApps.start(kind)) {
            String key = stores.tenant().key().secret();
            Map<String, String> parameters = RedeployedApp.parameters(stores.settings());
            // Only the stores are wanted of it.
            stores.replica(0).close();

            for (int round = 0; round < rounds; round++) {
                loaders.add(new WeakReference<>(host.deploy(parameters)));
                assertThat(chat(host.port(), key)).contains("\"done\":true");
                host.undeploy();
            }

            await().atMost(PATIENCE).untilAsserted(() -> {
                System.gc();
                assertThat(threads())
                        .describedAs("threads of undeployed applications")
                        .isEmpty();
                assertThat(loaders.stream()
                                .filter(loader -> loader.get() != null)
                                .count())
                        .describedAs("class loaders")
                        .isLessThanOrEqualTo(KEPT_BY_THE_JDK);
            });
            assertThat(databaseConnections(stores)).isZero();
            // The one that asks.
            assertThat(redisConnections(redis)).isEqualTo(1);
            assertThat(complaints.said).isEmpty();
        }
    }

    private static String chat(int port, String key) throws Exception {
        String body = "";
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!body.contains("done") && System.nanoTime() < end) {
            try (RawClient client = new RawClient(port)) {
                client.send("POST /app/api/chat HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        + "Authorization: Bearer " + key + "\r\nContent-Length: " + CHAT.length() + "\r\n\r\n" + CHAT);
                body = client.response().body();
            }
        }
        return body;
    }

    private List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> loaders.stream()
                        .map(WeakReference::get)
                        .anyMatch(loader -> loader != null
                                && (thread.getContextClassLoader() == loader
                                        || thread.getClass().getClassLoader() == loader)))
                .map(Thread::getName)
                .toList();
    }

    private static int databaseConnections(TestGateway stores) throws Exception {
        try (Connection connection = stores.database().connect();
                ResultSet rows = connection
                        .createStatement()
                        .executeQuery("SELECT count(*) FROM pg_stat_activity WHERE usename = 'gateway_app'"
                                + " AND datname = current_database()")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static long redisConnections(TestRedis redis) throws Exception {
        try (Socket socket = new Socket(redis.host(), redis.port())) {
            socket.getOutputStream().write("CLIENT LIST\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith("id="))
                    .count();
        }
    }

    /** What Tomcat says of applications that did not clean up after themselves. */
    private static final class Complaints extends Handler implements AutoCloseable {

        private static final Logger LOADER = Logger.getLogger("org.apache.catalina.loader.WebappClassLoaderBase");

        private final List<String> said = new ArrayList<>();

        private Complaints() {
            LOADER.addHandler(this);
        }

        @Override
        public void publish(LogRecord entry) {
            // Of threads it complains in the moment in which they end; they are looked for afterwards.
            boolean ending = entry.getMessage().contains("thread named");
            // That it may not look into the JDK says nothing of the application.
            boolean closed = entry.getMessage().contains("--add-opens");
            if (entry.getLevel().intValue() >= Level.WARNING.intValue() && !ending && !closed) {
                said.add(entry.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            LOADER.removeHandler(this);
        }
    }
}
