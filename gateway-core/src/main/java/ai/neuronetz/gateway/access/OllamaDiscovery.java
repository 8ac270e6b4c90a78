package ai.neuronetz.gateway.access;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Ollama again and again what is installed, and keeps the last answer for a limited time.
 *
 * <p>Thread-safe; {@link #current} answers from memory. Owns one thread and its connections; close it.
 */
public final class OllamaDiscovery implements ModelCatalog, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OllamaDiscovery.class);

    private static final int MAX_ANSWER_BYTES = 8 << 20;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient client;
    private final HttpRequest tags;
    private final HttpRequest version;
    private final long maxAgeNanos;
    private final ScheduledExecutorService poller = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ollama-discovery");
        thread.setDaemon(true);
        return thread;
    });

    private volatile @Nullable Seen seen;

    /** Used by the poller's thread only. */
    private boolean failing;

    /**
     * @param askedNanos when it was asked for, not when it was answered: it may have been outdated by then
     */
    private record Seen(Discovery discovery, long askedNanos) {}

    private OllamaDiscovery(URI ollama, Duration maxAge) {
        this.maxAgeNanos = maxAge.toNanos();
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
        this.tags = request(ollama, "/api/tags");
        this.version = request(ollama, "/api/version");
    }

    /**
     * Starts to poll; the first poll begins at once and is not waited for.
     *
     * @param ollama scheme, host and port
     * @param interval from the end of one poll to the next, more than zero
     * @param maxAge how long an answer may be gone by, counted from when it was asked for; more than zero
     */
    public static OllamaDiscovery start(URI ollama, Duration interval, Duration maxAge) {
        requireNonNull(ollama, "ollama");
        requirePositive("interval", interval);
        requirePositive("maxAge", maxAge);
        OllamaDiscovery discovery = new OllamaDiscovery(ollama, maxAge);
        Object unused =
                discovery.poller.scheduleWithFixedDelay(discovery::poll, 0, interval.toNanos(), TimeUnit.NANOSECONDS);
        return discovery;
    }

    @Override
    public Optional<Discovery> current() {
        Seen last = seen;
        boolean young = last != null && System.nanoTime() - last.askedNanos <= maxAgeNanos;
        return last != null && young ? Optional.of(last.discovery) : Optional.empty();
    }

    /** Whether there is an answer young enough to go by. */
    public boolean usable() {
        return current().isPresent();
    }

    /** Stops polling. Nothing resolves any more. */
    @Override
    public void close() {
        poller.shutdownNow();
        seen = null;
    }

    private void poll() {
        long asked = System.nanoTime();
        try {
            Discovery discovery = new Discovery(
                    DiscoveryAnswer.models(ask(tags, asked)), DiscoveryAnswer.version(ask(version, asked)));
            if (poller.isShutdown()) {
                return;
            }
            seen = new Seen(discovery, asked);
            if (failing) {
                failing = false;
                LOG.info("Ollama answers again; {} models", discovery.models().size());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException | ExecutionException | TimeoutException | RuntimeException failure) {
            // A task that throws would never be run again.
            failed(failure);
        }
    }

    /** Warns once per outage, and names the kind of failure only: a parser's message quotes what it read. */
    private void failed(Exception failure) {
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        if (!failing) {
            LOG.warn(
                    "Ollama's models cannot be read ({}); check that Ollama runs at {} and answers GET /api/tags",
                    cause.getClass().getSimpleName(),
                    tags.uri().getAuthority());
        }
        failing = true;
    }

    private byte[] ask(HttpRequest request, long started)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        long left = TOTAL_TIMEOUT.toNanos() - (System.nanoTime() - started);
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, head -> new BoundedBody(MAX_ANSWER_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
            if (response.statusCode() != 200) {
                throw new IOException("status " + response.statusCode());
            }
            return response.body();
        } finally {
            answer.cancel(true);
        }
    }

    private static HttpRequest request(URI ollama, String path) {
        return HttpRequest.newBuilder(ollama.resolve(path))
                .timeout(TOTAL_TIMEOUT)
                .header("Accept", "application/json")
                .GET()
                .build();
    }

    private static void requirePositive(String name, Duration duration) {
        requireNonNull(duration, name);
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(name + ": " + duration + " (expected: more than zero)");
        }
    }
}
