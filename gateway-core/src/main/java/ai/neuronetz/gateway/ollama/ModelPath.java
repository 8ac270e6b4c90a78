package ai.neuronetz.gateway.ollama;

import java.util.Map;
import java.util.Optional;

/**
 * Reads the model out of {@code /v1/models/{model}}. The name is only looked up in what a caller may use; it is sent nowhere.
 *
 * <p>No decoding: what is no model's name as it stands is no path of the gateway's. But JavaScript's
 * {@code encodeURIComponent} writes two characters of ordinary names in another way, and these spellings are read.
 */
final class ModelPath {

    private static final String BEFORE = "/v1/models/";

    private static final Map<String, String> SPELLINGS = Map.of("%3A", ":", "%3a", ":", "%2F", "/", "%2f", "/");

    private ModelPath() {}

    /** Empty if the target is another path, or holds no name. */
    static Optional<String> model(String target) {
        if (!target.startsWith(BEFORE)) {
            return Optional.empty();
        }
        String name = target.substring(BEFORE.length());
        for (Map.Entry<String, String> spelling : SPELLINGS.entrySet()) {
            name = name.replace(spelling.getKey(), spelling.getValue());
        }
        // A valid part may hold two dots, but a path with them is nothing to be clever about.
        return name.contains("..") || ModelName.parse(name).isEmpty() ? Optional.empty() : Optional.of(name);
    }
}
