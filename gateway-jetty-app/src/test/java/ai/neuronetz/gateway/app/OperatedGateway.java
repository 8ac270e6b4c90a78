package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.testkit.MockOllama;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A gateway laid out as the page of deployment says, in a directory in place of the root, with stores of its own: what its
 * operator and its clients see of it. It starts again at the same ports.
 */
final class OperatedGateway implements AutoCloseable {

    private static final String CHAT =
            "{\"model\":\"llama3.2:3b\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final TestPostgres postgres = TestPostgres.start();
    private final TestRedis redis = TestRedis.start();
    private final Installation installation = new Installation(postgres, redis);
    private final Path etc;
    private final Path state;
    private final int port = freePort();
    private final int managementPort = freePort();
    private final String key;
    private final StringBuilder earlierLogs = new StringBuilder();
    private @Nullable GatewayProcess process;

    /** @param tenant whose key its client has */
    OperatedGateway(Path root, String tenant) throws IOException {
        etc = Files.createDirectories(root.resolve("etc/neuronetz-gateway"));
        state = root.resolve("var/lib/neuronetz-gateway");
        Files.createDirectories(state.getParent());
        Map<String, String> settings = installation.serveSettings();
        URI database = URI.create(settings.get("DATABASE_URL"));
        String[] login = database.getUserInfo().split(":");
        secret("database_password", login[1]);
        settings.put("DATABASE_USER", login[0]);
        settings.put("DATABASE_URL", database.toString().replace(database.getUserInfo() + "@", ""));
        secret("key_pepper", settings.remove("KEY_PEPPER"));
        secret("redis_url", settings.remove("REDIS_URL"));
        settings.put("LISTEN_PORT", Integer.toString(port));
        settings.put("MANAGEMENT_PORT", Integer.toString(managementPort));
        settings.put("DISCOVERY_INTERVAL", "1s");
        settings.put("DISCOVERY_MAX_AGE", "3s");
        settings.put("MAX_CONCURRENT_UPSTREAM", "4");
        settings.put("SHUTDOWN_GRACE", "2s");
        StringBuilder file = new StringBuilder();
        settings.forEach((name, value) -> file.append(name + "=" + value + "\n"));
        Files.writeString(settingsFile(), file);
        installation.ollama().reset().models("llama3.2:3b");
        key = tenant(tenant);
        start();
    }

    TestPostgres postgres() {
        return postgres;
    }

    TestRedis redis() {
        return redis;
    }

    /** One command in one line; the first line of the answer. */
    String redisCommand(String command) throws IOException {
        try (Socket socket = new Socket(redis.host(), redis.port())) {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            String answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (answer == null || answer.startsWith("-")) {
                throw new IOException(command + ": " + answer);
            }
            return answer;
        }
    }

    MockOllama ollama() {
        return installation.ollama();
    }

    Installation installation() {
        return installation;
    }

    GatewayProcess process() {
        if (process == null) {
            throw new IllegalStateException("the gateway does not run");
        }
        return process;
    }

    Path settingsFile() {
        return etc.resolve("settings");
    }

    /** Where its settings and secrets are. */
    Path etc() {
        return etc;
    }

    /** The directory that it may write to. */
    Path state() {
        return state;
    }

    int port() {
        return port;
    }

    int managementPort() {
        return managementPort;
    }

    String key() {
        return key;
    }

    /** A new tenant that may use every model; its key. */
    String tenant(String id) throws IOException {
        installation.command("create-tenant", "--tenant", id);
        installation.command("set-models", "--tenant", id, "--allow", "llama3.2:3b");
        return installation.createKey(id);
    }

    /** As the unit starts it: the settings of the file, and secrets from files. */
    void start() throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String line : Files.readAllLines(settingsFile())) {
            String[] setting = line.split("=", 2);
            environment.put(setting[0], setting[1]);
        }
        environment.put(
                "DATABASE_PASSWORD_FILE", etc.resolve("database_password").toString());
        environment.put("KEY_PEPPER_FILE", etc.resolve("key_pepper").toString());
        environment.put("REDIS_URL_FILE", etc.resolve("redis_url").toString());
        environment.put("SPOOL_DIRECTORY", state.toString());
        try {
            process = GatewayProcess.start(environment);
        } catch (IllegalStateException refused) {
            earlierLogs.append(refused.getMessage());
            throw refused;
        }
    }

    /** With SIGTERM, as systemd does. */
    void stop() throws IOException, InterruptedException {
        if (process != null) {
            process.terminate();
            process.exitCode(Duration.ofSeconds(60));
            buried();
        }
    }

    /** Without a chance to say anything. */
    void kill() throws IOException, InterruptedException {
        process().signal("KILL");
        process().exitCode(Duration.ofSeconds(10));
        buried();
    }

    private void buried() throws IOException {
        earlierLogs.append(process().log());
        process().close();
        process = null;
    }

    /** All it has logged, over its restarts. */
    String log() {
        return earlierLogs + (process == null ? "" : process.log());
    }

    /** An answer as one piece. */
    HttpResponse<String> ask(String withKey) {
        return send(chat(withKey, false), BodyHandlers.ofString());
    }

    /** A stream that a client reads to its end, whichever that is. */
    CompletableFuture<HttpResponse<String>> stream() {
        return http.sendAsync(chat(key, true), BodyHandlers.ofString());
    }

    /** What Prometheus has of it, {@code up} included. */
    Scrape scrape() {
        if (process == null) {
            return Scrape.of("up 0");
        }
        URI metrics = URI.create("http://127.0.0.1:" + managementPort + "/metrics");
        return Scrape.of(send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
                        .body() + "up 1\n");
    }

    @Override
    public void close() throws IOException {
        if (process != null) {
            process.close();
        }
        installation.close();
        redis.close();
        postgres.close();
    }

    private HttpRequest chat(String withKey, boolean stream) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("Authorization", "Bearer " + withKey)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(60))
                .POST(HttpRequest.BodyPublishers.ofString(CHAT.formatted(stream)))
                .build();
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new IllegalStateException(request.toString(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void secret(String name, String value) throws IOException {
        PemFiles.put(etc.resolve(name), value);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
