package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.Internal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was learnt of models whose input became more tokens than its bound.
 *
 * <p>Such a bound misses something that the gateway cannot see: a system prompt inside the model, or images that cost more
 * than was thought. From then on the largest input the model ever reported over its bound is reserved on top of every bound
 * of its. Implementations are thread-safe and answer from memory.
 */
@Internal
public interface ModelBounds {

    /** For one process, as long as it runs. */
    static ModelBounds inMemory() {
        Map<String, Long> largest = new ConcurrentHashMap<>();
        return new ModelBounds() {
            @Override
            public long allowance(String model) {
                return largest.getOrDefault(model, 0L);
            }

            @Override
            public void exceeded(String model, long inputTokens) {
                largest.merge(model, inputTokens, Math::max);
            }
        };
    }

    /**
     * Tokens to reserve beyond what the text of a request bounds; 0 for a model that has kept to its bound.
     *
     * @param model canonical name
     */
    long allowance(String model);

    /**
     * A model reported an input above its bound. Does not wait.
     *
     * @param model canonical name
     */
    void exceeded(String model, long inputTokens);
}
