package ai.neuronetz.gateway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lists a model as Ollama would, and answers everything else with statuses, headers and bodies of its own devising, in each of
 * which there is a canary.
 */
final class HostileOllama implements AutoCloseable {

    static final String MODEL = "llama3.2:3b";
    static final String CANARY = "canary-7f3a";

    private static final String TAGS = "{\"models\":[{\"name\":\"" + MODEL + "\",\"model\":\"" + MODEL
            + "\",\"modified_at\":\"2026-08-01T10:00:00Z\",\"size\":1,\"digest\":\"" + "ab".repeat(32)
            + "\",\"details\":{\"format\":\"gguf\",\"family\":\"llama\"},\"" + CANARY + "\":\"" + CANARY + "\"}]}";

    private static final List<Integer> STATUSES = List.of(
            200, 200, 200, 200, 200, 200, 201, 301, 302, 307, 400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 599);

    private static final List<String> TYPES = List.of(
            "application/json",
            "application/x-ndjson",
            "text/event-stream",
            "text/html",
            "text/plain; x=" + CANARY,
            CANARY);

    /** Single quotes stand for double ones. */
    private static final List<String> PIECES = List.of(
            "{'error':'CANARY'}",
            "{'error':{'message':'CANARY'}}",
            "{'type':'error','error':{'message':'CANARY'}}",
            "data: {'error':'CANARY'}",
            "event: CANARY",
            ": CANARY",
            "id: CANARY",
            "data: CANARY",
            "<html>CANARY</html>",
            "CANARY",
            "{'CANARY':'CANARY','done':false,'message':{'content':'x'}}",
            "{'message':{'content':'x'},'done':true,'remote_host':'CANARY'}",
            "{'response':'x','done':true,'error':'CANARY'}",
            "{'embeddings':[[1]],'host':'CANARY'}",
            "data: {'choices':[{'delta':{'content':'x'}}],'host':'CANARY'}",
            "data: {'type':'content_block_delta','delta':{'text':'x'},'host':'CANARY'}",
            "data: {'type':'response.output_text.delta','delta':'x','host':'CANARY'}",
            "data: {'type':'response.failed','response':{'error':{'message':'CANARY'}}}",
            "data: [DONE] CANARY",
            "{'done':tru CANARY");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong seeds = new AtomicLong();

    HostileOllama(long seed) throws IOException {
        seeds.set(seed);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            switch (exchange.getRequestURI().getPath()) {
                case "/api/tags" -> send(exchange, 200, "application/json", TAGS);
                case "/api/version" -> send(exchange, 200, "application/json", "{\"version\":\"0.33.0\"}");
                case "/api/show" -> send(exchange, 200, "application/json", "{\"modelfile\":\"" + CANARY + "\"}");
                default -> devise(exchange, new Random(seeds.incrementAndGet()));
            }
        }
    }

    private static void devise(HttpExchange exchange, Random random) throws IOException {
        exchange.getResponseHeaders().set("X-Upstream", CANARY);
        exchange.getResponseHeaders().set("Location", "http://" + CANARY + "/");
        exchange.getResponseHeaders().set("Set-Cookie", CANARY);
        StringBuilder body = new StringBuilder();
        for (int piece = random.nextInt(4); piece >= 0; piece--) {
            body.append(any(PIECES, random)).append(random.nextBoolean() ? "\n\n" : "\r\n");
        }
        String text = body.toString().replace('\'', '"').replace("CANARY", CANARY);
        send(exchange, any(STATUSES, random), any(TYPES, random), text);
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static <T> T any(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
