package ai.neuronetz.gateway.app;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.testkit.MockOllama;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** How each outage of the page of operations is brought about, by its heading there. */
interface Outage {

    Map<String, Outage> ALL = Map.ofEntries(
            entry("Redis is away", Outage::redisIsAway),
            entry("Redis was restarted or failed over", Outage::redisWasRestarted),
            entry("Redis may evict", Outage::redisMayEvict),
            entry("PostgreSQL is away", Outage::postgresIsAway),
            entry("One tenant is denied", Outage::rowsAreLocked),
            entry("PostgreSQL lost what it had committed", Outage::commitsAreLost),
            entry("The audit log is not sealed", Outage::sealsWait),
            entry("The audit log was altered", Outage::auditLogIsAltered),
            entry("Ollama is away", Outage::ollamaIsAway),
            entry("Ollama is full", Outage::ollamaIsFull),
            entry("Prompts are more tokens than was reserved", Outage::boundsAreTooLow),
            entry("The spool cannot be written", Outage::spoolIsBlocked),
            entry("A gateway was killed", Outage::gatewayIsKilled),
            entry("A gateway stood still", Outage::gatewayStandsStill),
            entry("A gateway does not start", Outage::settingIsWrong),
            entry("Every key is refused", Outage::pepperIsAnother),
            entry("Somebody tries keys", Outage::keysAreTried));

    Duration PATIENCE = Duration.ofSeconds(20);

    /** Brings it about; returns when it is there. */
    Trace begin(OperatedGateway gateway) throws Exception;

    /** What remains to be looked at, or put right, when the runbook's commands have run. */
    interface Trace extends AutoCloseable {

        void afterwards() throws Exception;

        @Override
        default void close() throws SQLException {}

        static Trace none() {
            return () -> {};
        }
    }

    private static Trace redisIsAway(OperatedGateway gateway) {
        gateway.redis().stop();
        return Trace.none();
    }

    private static Trace redisWasRestarted(OperatedGateway gateway) {
        gateway.redis().restart();
        return Trace.none();
    }

    private static Trace redisMayEvict(OperatedGateway gateway) throws IOException {
        gateway.redisCommand("CONFIG SET maxmemory 64mb");
        gateway.redisCommand("CONFIG SET maxmemory-policy allkeys-lru");
        // As it would when memory is short.
        gateway.redisCommand("FLUSHALL");
        return Trace.none();
    }

    private static Trace postgresIsAway(OperatedGateway gateway) {
        CompletableFuture<HttpResponse<String>> answer = slowAnswer(gateway);
        gateway.postgres().stop();
        return () -> assertThat(answer.join().body())
                .as("what had begun goes on to its end")
                .endsWith("data: [DONE]\n\n");
    }

    private static Trace rowsAreLocked(OperatedGateway gateway) throws Exception {
        String other = gateway.tenant("other");
        Connection forgotten = gateway.installation().superuser();
        forgotten.setAutoCommit(false);
        execute(forgotten, "SELECT 1 FROM gateway.tenant_gate WHERE tenant_id = 'acme' FOR UPDATE");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(gateway.ask(other).statusCode())
                        .as("other tenants are served")
                        .isEqualTo(200));
        return closing(forgotten);
    }

    private static Trace commitsAreLost(OperatedGateway gateway) throws Exception {
        CompletableFuture<HttpResponse<String>> answer = slowAnswer(gateway);
        try (Connection superuser = gateway.installation().superuser()) {
            execute(superuser, "SET session_replication_role = replica");
            for (String table : List.of("admission", "request_fate")) {
                execute(
                        superuser,
                        "DELETE FROM gateway." + table
                                + " WHERE request_id IN (SELECT request_id FROM gateway.open_reservation)");
            }
            execute(superuser, "DELETE FROM gateway.open_reservation");
        }
        return () -> assertThat(answer.join().body()).endsWith("data: [DONE]\n\n");
    }

    private static Trace sealsWait(OperatedGateway gateway) throws SQLException {
        Connection forgotten = gateway.installation().superuser();
        forgotten.setAutoCommit(false);
        execute(forgotten, "CREATE TEMPORARY TABLE noted (number integer)");
        return closing(forgotten);
    }

    private static Trace auditLogIsAltered(OperatedGateway gateway) throws Exception {
        await("everything so far is sealed")
                .atMost(PATIENCE)
                .until(() -> new Sign("gateway_audit_seal_age_seconds", Map.of(), "is below 1")
                        .isSeen(gateway.scrape(), gateway.scrape()));
        change(gateway, "charged + 1");
        return () -> change(gateway, "charged - 1");
    }

    private static void change(OperatedGateway gateway, String charged) throws SQLException {
        try (Connection superuser = gateway.installation().superuser()) {
            execute(superuser, "SET session_replication_role = replica");
            execute(
                    superuser,
                    "UPDATE gateway.settlement SET charged = " + charged
                            + " WHERE request_id = (SELECT min(request_id::text)::uuid FROM gateway.settlement)");
        }
    }

    private static Trace ollamaIsAway(OperatedGateway gateway) {
        gateway.ollama().unavailable(true);
        return Trace.none();
    }

    private static Trace ollamaIsFull(OperatedGateway gateway) {
        MockOllama ollama = gateway.ollama();
        ollama.stallAfter(1);
        List<CompletableFuture<HttpResponse<String>>> streams =
                IntStream.range(0, 4).mapToObj(i -> gateway.stream()).toList();
        await().atMost(PATIENCE).until(() -> ollama.openStreams() == streams.size());
        ollama.sound();
        return Trace.none();
    }

    private static Trace boundsAreTooLow(OperatedGateway gateway) {
        gateway.ollama().counts(2_000, 5);
        return gateway.ollama()::sound;
    }

    private static Trace spoolIsBlocked(OperatedGateway gateway) throws IOException {
        try (Stream<Path> files = Files.walk(gateway.state())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        Files.writeString(gateway.state(), "in the way");
        return Trace.none();
    }

    private static Trace gatewayIsKilled(OperatedGateway gateway) throws Exception {
        CompletableFuture<HttpResponse<String>> answer = slowAnswer(gateway);
        gateway.kill();
        return () -> assertThat(answer.handle((whole, broken) -> broken != null).join())
                .as("the connection broke")
                .isTrue();
    }

    private static Trace gatewayStandsStill(OperatedGateway gateway) throws Exception {
        gateway.ollama().stallAfter(1);
        CompletableFuture<HttpResponse<String>> answer = gateway.stream();
        await().atMost(PATIENCE).until(() -> gateway.ollama().openStreams() == 1);
        gateway.ollama().sound();
        gateway.process().signal("STOP");
        await().atMost(PATIENCE).until(() -> isSilentForTooLong(gateway));
        gateway.process().signal("CONT");
        return () -> assertThat(answer.join().body()).contains("\"error\"").doesNotContain("[DONE]");
    }

    private static boolean isSilentForTooLong(OperatedGateway gateway) throws SQLException {
        try (Connection connection = gateway.installation().superuser();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT max(heartbeat_at) < clock_timestamp() - interval '16 s'"
                        + " FROM gateway.gateway_instance WHERE state = 'live'")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static Trace settingIsWrong(OperatedGateway gateway) throws Exception {
        gateway.stop();
        Files.writeString(gateway.settingsFile(), "MAX_CONCURRENT_UPSTREAM=many\n", StandardOpenOption.APPEND);
        try {
            gateway.start();
        } catch (IllegalStateException refused) {
            return Trace.none();
        }
        throw new AssertionError("it started");
    }

    private static Trace pepperIsAnother(OperatedGateway gateway) throws Exception {
        Path file = gateway.etc().resolve("key_pepper");
        PemFiles.put(file.resolveSibling("key_pepper.backup"), Files.readString(file));
        PemFiles.put(file, "00112233445566778899aabbccddeeff".repeat(2));
        gateway.stop();
        gateway.start();
        return Trace.none();
    }

    private static Trace keysAreTried(OperatedGateway gateway) throws IOException {
        for (int attempt = 0; attempt < 12; attempt++) {
            try (Socket socket = new Socket(
                    InetAddress.getLoopbackAddress(), gateway.port(), InetAddress.getByName("127.0.0.2"), 0)) {
                socket.getOutputStream()
                        .write(("GET /api/tags HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer nng_" + attempt
                                        + "\r\nConnection: close\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readAllBytes();
            }
        }
        return Trace.none();
    }

    /** A stream that takes two seconds, and has begun. */
    private static CompletableFuture<HttpResponse<String>> slowAnswer(OperatedGateway gateway) {
        MockOllama ollama = gateway.ollama();
        ollama.reply("one", "two", "three", "four", "five").pace(Duration.ofMillis(500));
        CompletableFuture<HttpResponse<String>> answer = gateway.stream();
        await().atMost(PATIENCE).until(() -> ollama.openStreams() == 1);
        ollama.pace(Duration.ZERO);
        return answer;
    }

    private static Trace closing(Connection forgotten) {
        return new Trace() {
            @Override
            public void afterwards() {
                assertThat(isValid(forgotten)).as("the session was ended").isFalse();
            }

            @Override
            public void close() throws SQLException {
                forgotten.close();
            }
        };
    }

    private static boolean isValid(Connection connection) {
        try {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
