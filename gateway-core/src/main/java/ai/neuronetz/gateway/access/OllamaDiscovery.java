package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.ollama.ModelName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Ollama for its models again and again, and forgets an answer that has become too old.
 *
 * <p>Thread-safe; {@link #current} answers from memory. One thread does the asking. Age is measured on a monotonic clock.
 */
public final class OllamaDiscovery implements ModelCatalog, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OllamaDiscovery.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_ANSWER = 8 << 20;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** What a listing tells of a model; fields about other hosts are not among them. */
    private static final Set<String> LISTED =
            Set.of("name", "model", "modified_at", "size", "digest", "details", "capabilities");

    private final URI ollama;
    private final Duration maxAge;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final ScheduledExecutorService poller;
    private volatile @Nullable Seen last;
    private boolean failing;

    private OllamaDiscovery(URI ollama, Duration maxAge) {
        this.ollama = ollama;
        this.maxAge = maxAge;
        this.poller = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "gateway-discovery");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts to ask, at once and then at an interval.
     *
     * @param ollama scheme, host and port only
     * @param maxAge how long an answer is gone by
     */
    public static OllamaDiscovery start(URI ollama, Duration interval, Duration maxAge) {
        OllamaDiscovery discovery = new OllamaDiscovery(ollama, maxAge);
        discovery.poller.scheduleWithFixedDelay(discovery::poll, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
        return discovery;
    }

    @Override
    public Optional<Discovery> current() {
        Seen seen = last;
        return seen == null || System.nanoTime() - seen.atNanos > maxAge.toNanos()
                ? Optional.empty()
                : Optional.of(seen.discovery);
    }

    /** Whether there is an answer that is young enough. */
    public boolean usable() {
        return current().isPresent();
    }

    private void poll() {
        try {
            long asked = System.nanoTime();
            List<InstalledModel> models = models(get("/api/tags"));
            String version = get("/api/version").path("version").asText("unknown");
            last = new Seen(new Discovery(models, version), asked);
            if (failing) {
                LOG.info("Ollama at {} lists its models again", ollama);
            }
            failing = false;
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                LOG.warn("Ollama at {} could not be asked for its models: {}", ollama, e.toString());
            }
            failing = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(ollama.resolve(path))
                .timeout(TIMEOUT)
                .GET()
                .build();
        HttpResponse<InputStream> answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            byte[] bytes = body.readNBytes(MAX_ANSWER + 1);
            if (answer.statusCode() != 200 || bytes.length > MAX_ANSWER) {
                throw new IOException("status " + answer.statusCode() + ", " + bytes.length + " bytes");
            }
            return JSON.readTree(bytes);
        }
    }

    private static List<InstalledModel> models(JsonNode tags) throws IOException {
        if (!tags.path("models").isArray()) {
            throw new IOException("no list of models");
        }
        List<InstalledModel> models = new ArrayList<>();
        for (JsonNode entry : tags.path("models")) {
            String spelling = entry.path("name").asText(entry.path("model").asText(""));
            Optional<ModelName> name = ModelName.parse(spelling);
            if (name.isPresent() && entry instanceof ObjectNode object) {
                boolean remote =
                        name.get().cloud() || object.hasNonNull("remote_host") || object.hasNonNull("remote_model");
                models.add(new InstalledModel(
                        name.get(),
                        spelling,
                        entry.path("digest").asText(""),
                        remote,
                        object.deepCopy().retain(LISTED).toString(),
                        created(entry.path("modified_at").asText(""))));
            }
        }
        return models;
    }

    private static long created(String modified) {
        try {
            return OffsetDateTime.parse(modified).toEpochSecond();
        } catch (DateTimeException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        poller.shutdownNow();
    }

    private record Seen(Discovery discovery, long atNanos) {}
}
