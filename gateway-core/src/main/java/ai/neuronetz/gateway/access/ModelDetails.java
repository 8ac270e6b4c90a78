package ai.neuronetz.gateway.access;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code /api/show} says of each installed model, asked for once for each name and digest.
 *
 * <p>So no client's question reaches Ollama, where each would open and read a model's file unmetered. Remote models are not
 * asked about: Ollama would ask another machine. Thread-safe; owns one thread, since an answer that is slow to come must not
 * delay the next discovery.
 */
final class ModelDetails implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModelDetails.class);

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_BYTES = 4 << 20;
    private static final long MAX_KEPT_CHARS = 64 << 20;

    private final OllamaQueries ollama;
    private final boolean prompts;
    private final Map<Key, String> kept = new ConcurrentHashMap<>();
    private final Set<Key> failed = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean asking = new AtomicBoolean();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread daemon = new Thread(task, "ollama-details");
        daemon.setDaemon(true);
        return daemon;
    });

    private volatile Set<Key> installed = Set.of();

    /** A tag can be pointed at another model, so that its name alone does not say what it is. */
    private record Key(String spelling, String digest) {
        static Key of(InstalledModel model) {
            return new Key(model.spelling(), model.digest());
        }
    }

    /** @param prompts whether templates, system prompts and example messages are kept as well */
    ModelDetails(OllamaQueries ollama, boolean prompts) {
        this.ollama = ollama;
        this.prompts = prompts;
    }

    /** Empty if Ollama has not been asked yet, or had no answer to keep. */
    Optional<String> of(InstalledModel model) {
        return model.remote()
                ? Optional.of(ShowAnswer.ofListing(model.listing()))
                : Optional.ofNullable(kept.get(Key.of(model)));
    }

    /** Forgets the models that have gone and begins to ask for those that are new. Does not wait. */
    void follow(List<InstalledModel> models) {
        Map<Key, InstalledModel> present = new HashMap<>();
        for (InstalledModel model : models) {
            if (!model.remote()) {
                present.put(Key.of(model), model);
            }
        }
        installed = Set.copyOf(present.keySet());
        kept.keySet().retainAll(present.keySet());
        failed.retainAll(present.keySet());
        present.keySet().removeAll(kept.keySet());
        if (!present.isEmpty() && asking.compareAndSet(false, true)) {
            try {
                thread.execute(() -> askAll(List.copyOf(present.values())));
            } catch (RejectedExecutionException closed) {
                asking.set(false);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        kept.clear();
    }

    /** One after the other: this is not what Ollama is there for. */
    private void askAll(List<InstalledModel> models) {
        try {
            for (InstalledModel model : models) {
                if (installed.contains(Key.of(model))) {
                    ask(model);
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } finally {
            asking.set(false);
        }
    }

    private void ask(InstalledModel model) throws InterruptedException {
        Key key = Key.of(model);
        String question = JsonNodeFactory.instance
                .objectNode()
                .put("model", model.spelling())
                .toString();
        try {
            String details = ShowAnswer.sanitised(ollama.post("/api/show", question, LIMIT, MAX_ANSWER_BYTES), prompts);
            long chars = kept.values().stream().mapToLong(String::length).sum();
            if (chars + details.length() > MAX_KEPT_CHARS) {
                throw new IOException("there are too many models to keep the details of");
            }
            kept.put(key, details);
        } catch (IOException | ExecutionException | TimeoutException | RuntimeException failure) {
            // Once, and by kind only: a parser's message quotes what it read. It is tried again after the next
            // discovery.
            if (failed.add(key)) {
                LOG.warn(
                        "Ollama's details of {} cannot be read ({}); /api/show answers 503 for it",
                        model.spelling(),
                        failure.getClass().getSimpleName());
            }
        }
    }
}
