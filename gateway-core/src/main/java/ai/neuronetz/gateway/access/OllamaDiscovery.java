package ai.neuronetz.gateway.access;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.Internal;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
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
 * <p>Thread-safe; {@link #current} answers from memory. Owns two threads and its connections; close it.
 */
@Internal
public final class OllamaDiscovery implements ModelCatalog, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OllamaDiscovery.class);

    private static final int MAX_ANSWER_BYTES = 8 << 20;
    private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(5);

    private final OllamaQueries ollama;
    private final ModelDetails details;
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

    private OllamaDiscovery(URI ollama, Duration maxAge, boolean showPrompts) {
        this.maxAgeNanos = maxAge.toNanos();
        this.ollama = new OllamaQueries(ollama);
        this.details = new ModelDetails(this.ollama, showPrompts);
    }

    /**
     * Starts to poll; the first poll begins at once and is not waited for.
     *
     * @param ollama scheme, host and port
     * @param interval from the end of one poll to the next, more than zero
     * @param maxAge how long an answer may be gone by, counted from when it was asked for; more than zero
     * @param showPrompts whether the details of a model include its template, system prompt and example messages
     */
    public static OllamaDiscovery start(URI ollama, Duration interval, Duration maxAge, boolean showPrompts) {
        requireNonNull(ollama, "ollama");
        requirePositive("interval", interval);
        requirePositive("maxAge", maxAge);
        OllamaDiscovery discovery = new OllamaDiscovery(ollama, maxAge, showPrompts);
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

    @Override
    public Optional<String> details(InstalledModel model) {
        return details.of(model);
    }

    /** Whether there is an answer young enough to go by. */
    public boolean usable() {
        return current().isPresent();
    }

    /** How old the last answer is, counted from when it was asked for; empty if there is none. */
    public Optional<Duration> age() {
        Seen last = seen;
        return last == null ? Optional.empty() : Optional.of(Duration.ofNanos(System.nanoTime() - last.askedNanos));
    }

    /** Stops polling. Nothing resolves any more. */
    @Override
    public void close() {
        poller.shutdownNow();
        details.close();
        ollama.close();
        seen = null;
    }

    private void poll() {
        long asked = System.nanoTime();
        try {
            Discovery discovery = new Discovery(
                    DiscoveryAnswer.models(ask("/api/tags", asked)),
                    DiscoveryAnswer.version(ask("/api/version", asked)));
            if (poller.isShutdown()) {
                return;
            }
            seen = new Seen(discovery, asked);
            details.follow(discovery.models());
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
                    ollama.authority());
        }
        failing = true;
    }

    private byte[] ask(String path, long started)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Duration left = TOTAL_TIMEOUT.minusNanos(System.nanoTime() - started);
        return ollama.get(path, left, MAX_ANSWER_BYTES);
    }

    private static void requirePositive(String name, Duration duration) {
        requireNonNull(duration, name);
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(name + ": " + duration + " (expected: more than zero)");
        }
    }
}
