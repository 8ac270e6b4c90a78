package ai.neuronetz.gateway.access;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks Ollama what it has, with bounds on the time and the length of the answer. Thread-safe. */
final class OllamaQueries implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    private final URI ollama;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "ollama-queries");
        thread.setDaemon(true);
        return thread;
    });

    /** Null once closed. The client's own thread ends when nothing refers to the client, and what it inherited may lead here. */
    private volatile @Nullable HttpClient client = client(threads);

    /** @param ollama scheme, host and port */
    OllamaQueries(URI ollama) {
        this.ollama = ollama;
    }

    /** Host and port, for the log. */
    String authority() {
        return ollama.getAuthority();
    }

    /** For good. Nothing may be under way any more. */
    @Override
    public void close() {
        client = null;
        threads.shutdownNow();
    }

    byte[] get(String path, Duration limit, int maxBytes)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        return ask(HttpRequest.newBuilder(ollama.resolve(path)).GET(), limit, maxBytes);
    }

    byte[] post(String path, String json, Duration limit, int maxBytes)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        HttpRequest.Builder request = HttpRequest.newBuilder(ollama.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        return ask(request, limit, maxBytes);
    }

    /** The client's own thread ends when the client is garbage; until then it shall not look like a host's application. */
    private static HttpClient client(Executor executor) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
        try {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .executor(executor)
                    .build();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** The time limit of a request of this client ends with the answer's head, so that the whole is waited for instead. */
    private byte[] ask(HttpRequest.Builder request, Duration limit, int maxBytes)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        HttpClient open = client;
        if (open == null) {
            throw new IOException("closed");
        }
        CompletableFuture<HttpResponse<byte[]>> answer =
                open.sendAsync(request.header("Accept", "application/json").build(), head -> new BoundedBody(maxBytes));
        try {
            HttpResponse<byte[]> response = answer.get(Math.max(limit.toNanos(), 0), TimeUnit.NANOSECONDS);
            if (response.statusCode() != 200) {
                throw new IOException("status " + response.statusCode());
            }
            return response.body();
        } finally {
            answer.cancel(true);
        }
    }
}
