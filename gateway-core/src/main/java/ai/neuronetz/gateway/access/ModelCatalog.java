package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.Internal;
import java.util.List;
import java.util.Optional;

/**
 * What Ollama has installed.
 *
 * <p>Implementations are thread-safe and answer from memory.
 */
@Internal
public interface ModelCatalog {

    /** The last discovery, or empty if there is none that is young enough. */
    Optional<Discovery> current();

    /**
     * What Ollama says of one model, reduced to what clients may read, as JSON; empty if it is not known, or not yet.
     *
     * @param model of the last discovery
     */
    default Optional<String> details(InstalledModel model) {
        return Optional.empty();
    }

    /**
     * One discovery.
     *
     * @param models in Ollama's order
     * @param version Ollama's version
     */
    record Discovery(List<InstalledModel> models, String version) {
        public Discovery {
            models = List.copyOf(models);
        }
    }
}
