package ai.neuronetz.gateway.testkit.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.neuronetz.gateway.testkit.conformance.Breakage.Answered;
import ai.neuronetz.gateway.testkit.conformance.Breakage.Asked;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands before a gateway and passes everything on, but for one mistake. */
final class BrokenGateway implements AutoCloseable {

    private static final Set<String> OWN =
            Set.of("host", "connection", "content-length", "transfer-encoding", "date", "upgrade", "http2-settings");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final URI gateway;
    private final String key;
    private final Breakage breakage;

    BrokenGateway(URI gateway, String key, Breakage breakage) throws IOException {
        this.gateway = gateway;
        this.key = key;
        this.breakage = breakage;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Asked asked = breakage.asked(new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    single(exchange.getRequestHeaders()),
                    key));
            HttpResponse<String> response = http.send(request(asked, body), HttpResponse.BodyHandlers.ofString());
            Answered answered = breakage.answered(
                    asked,
                    new String(body, UTF_8),
                    new Answered(
                            response.statusCode(), single(response.headers().map()), response.body()));
            answered.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            byte[] bytes = answered.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(answered.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpRequest request(Asked asked, byte[] body) {
        // The JDK's client drops a question mark that nothing follows, which would be a mistake of its own.
        String target = asked.target().endsWith("?") ? asked.target() + "x" : asked.target();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway + target))
                .method(asked.method(), BodyPublishers.ofByteArray(body));
        asked.headers().forEach((name, value) -> {
            for (String line : value.split("\n", -1)) {
                request.header(name, line);
            }
        });
        return request.build();
    }

    private static Map<String, String> single(Map<String, List<String>> headers) {
        Map<String, String> single = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, values) -> {
            if (!OWN.contains(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                single.put(name, String.join("\n", values));
            }
        });
        return single;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
