package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.testkit.MockOllama;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A gateway that has seen one request of every kind, for those who look at what it then shows and has logged. Started once for
 * all classes of a run; closed by JUnit at its end.
 */
final class ObservedRun implements AutoCloseable {

    /** Parts of prompts, answers, paths and upstream errors, each of which must stay where it belongs. */
    static final List<String> CANARIES =
            List.of("pr0mpt-c4nary", "answ3r-c4nary", "p4th-c4nary", "upstr34m-c4nary", "m0del-c4nary");

    static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TRACEPARENT = "00-" + TRACE_ID + "-00f067aa0ba902b7-01";
    private static final String PROMPT = "\"messages\":[{\"role\":\"user\",\"content\":\"pr0mpt-c4nary\"}]";
    private static final String CHAT = "{\"model\":\"llama3:8b\"," + PROMPT + "}";
    private static final String CHAT_SSE = "{\"model\":\"llama3:8b\",\"stream\":true," + PROMPT + "}";
    private static final String CHAT_WHOLE = "{\"model\":\"llama3:8b\",\"stream\":false," + PROMPT + "}";
    private static final String TEXT = "{\"model\":\"llama3:8b\",\"prompt\":\"pr0mpt-c4nary\"}";
    private static final String INPUT = "{\"model\":\"llama3:8b\",\"input\":\"pr0mpt-c4nary\"}";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Installation installation = new Installation();
    private final MockOllama ollama = installation.ollama();
    private final GatewayProcess gateway;
    private final URI management;
    private final List<String> keys = new ArrayList<>();
    private final List<HttpResponse<String>> answers = new ArrayList<>();

    private ObservedRun() throws IOException, InterruptedException {
        ollama.reset().models("llama3:8b").reply("answ3r-c4nary", " and", " more");
        Map<String, String> settings = installation.serveSettings();
        settings.put("LOG_FORMAT", "json");
        settings.put("SHOW_MODEL_PROMPTS", "true");
        gateway = GatewayProcess.start(settings);
        management = URI.create(gateway.nextLine().replace("management on ", ""));
        await(() -> management("/healthz").statusCode() == 200);
        String key = key("watched", "--rpm", "10000");
        await(() -> post(key, "/api/chat", CHAT).statusCode() == 200);
        served(key);
        refused(key);
        limited();
        failed(key);
        left(key);
        await(() -> answers.stream().allMatch(answer -> log().contains(idOf(answer))));
    }

    static String idOf(HttpResponse<String> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }

    /** Everything a key may call. */
    private void served(String key) {
        for (String path : List.of("/", "/api/tags", "/api/version", "/v1/models", "/v1/models/llama3:8b")) {
            send(request(key, path));
        }
        post(key, "/api/show", "{\"model\":\"llama3:8b\"}");
        post(key, "/api/chat", CHAT_WHOLE);
        post(key, "/api/generate", TEXT);
        post(key, "/v1/chat/completions", CHAT_SSE);
        post(key, "/v1/completions", TEXT);
        post(key, "/v1/responses", INPUT);
        post(key, "/v1/messages", "{\"max_tokens\":9," + CHAT.substring(1));
        post(key, "/api/embed", INPUT);
        post(key, "/api/embeddings", TEXT);
        post(key, "/v1/embeddings", INPUT);
    }

    private void refused(String key) {
        send(request(key, "/p4th-c4nary?key=" + key));
        send(request(key, "/v1/models/p4th-c4nary"));
        send(request(key, "/api/blobs/p4th-c4nary"));
        send(request(key, "/api/pull").method("PUT", BodyPublishers.noBody()));
        send(request(key, "/api/chat").method("DELETE", BodyPublishers.noBody()));
        send(request("nng_" + "x".repeat(60), "/api/tags"));
        send(HttpRequest.newBuilder(gateway.url().resolve("/api/tags")));
        post(key, "/api/chat", "{\"model\": pr0mpt-c4nary");
        post(key, "/api/chat", "{\"model\":\"llama3:8b\",\"messages\":\"pr0mpt-c4nary\"}");
        post(key, "/api/chat", "{\"model\":\"m0del-c4nary\"," + PROMPT + "}");
        post(key, "/api/chat", "{\"model\":\"llama3:8b\"," + " ".repeat(300_000) + PROMPT + "}");
        send(request(key, "/api/chat")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofString("pr0mpt-c4nary")));
        String closed = key("closed");
        installation.command("set-models", "--tenant", "closed", "--deny-all");
        post(closed, "/api/chat", CHAT);
    }

    private void limited() {
        String slow = key("slow", "--rpm", "1");
        post(slow, "/api/chat", CHAT);
        post(slow, "/api/chat", CHAT);
        String poor = key("poor", "--day-budget", "6000");
        // More input than its bound, so that less than one request is left.
        ollama.counts(1000, 10);
        post(poor, "/api/chat", CHAT);
        // Until it is charged, another may fit.
        await(() -> post(poor, "/api/chat", CHAT).statusCode() == 402);
        ollama.reset().models("llama3:8b");
    }

    private void failed(String key) {
        ollama.fail(500, "upstr34m-c4nary");
        post(key, "/api/chat", CHAT);
        ollama.reset().models("llama3:8b").failAfter(1, "upstr34m-c4nary");
        post(key, "/v1/chat/completions", CHAT_SSE);
        ollama.reset().models("llama3:8b").garbageAfter(1);
        post(key, "/api/chat", CHAT);
        ollama.reset().models("llama3:8b").cutAfter(1);
        post(key, "/v1/messages", "{\"max_tokens\":9,\"stream\":true," + CHAT.substring(1));
        ollama.reset().models("llama3:8b").omitCounts();
        post(key, "/api/chat", CHAT);
    }

    private void left(String key) throws IOException {
        ollama.reset().models("llama3:8b").stallAfter(1);
        byte[] body = CHAT.getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket("127.0.0.1", gateway.url().getPort())) {
            socket.getOutputStream()
                    .write(("POST /api/chat HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + key
                                    + "\r\nContent-Length: " + body.length + "\r\n\r\n" + CHAT)
                            .getBytes(StandardCharsets.UTF_8));
            socket.setSoTimeout(20_000);
            socket.getInputStream().read();
        }
        await(() -> log().contains("client_gone"));
    }

    /** The metrics as Prometheus reads them now. */
    String scrape() {
        return management("/metrics").body();
    }

    HttpResponse<String> management(String path) {
        return send(http, HttpRequest.newBuilder(management.resolve(path)).build());
    }

    int managementPort() {
        return management.getPort();
    }

    URI url() {
        return gateway.url();
    }

    String log() {
        return gateway.log();
    }

    /** What clients were answered, in order. */
    List<HttpResponse<String>> answers() {
        return answers;
    }

    List<String> keys() {
        return keys;
    }

    Installation installation() {
        return installation;
    }

    @Override
    public void close() throws IOException {
        gateway.close();
        installation.close();
    }

    private String key(String tenant, String... limits) {
        installation.command("create-tenant", "--tenant", tenant);
        installation.command("set-models", "--tenant", tenant, "--allow-all");
        if (limits.length > 0) {
            installation.command("set-limits", "--tenant", tenant, limits[0], limits[1]);
        }
        try {
            String key = installation.createKey(tenant);
            keys.add(key);
            return key;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> post(String key, String path, String body) {
        return send(request(key, path).POST(BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String key, String path) {
        return HttpRequest.newBuilder(URI.create(gateway.url() + path))
                .header("Authorization", "Bearer " + key)
                .header("traceparent", TRACEPARENT)
                .header("Content-Type", "application/json");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        HttpResponse<String> answer =
                send(http, request.timeout(Duration.ofSeconds(30)).build());
        answers.add(answer);
        return answer;
    }

    private static HttpResponse<String> send(HttpClient http, HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(request.toString(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not within " + PATIENCE + ":\n" + log());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** Hands the run to tests. */
    static final class Shared implements ParameterResolver {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == ObservedRun.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(ObservedRun.class, type -> start(), ObservedRun.class);
        }

        private static ObservedRun start() {
            try {
                return new ObservedRun();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("no gateway to observe", e);
            }
        }
    }
}
