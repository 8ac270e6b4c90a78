package ai.neuronetz.gateway.prompts;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;

/** Where redacted prompts go. Blocks; called by one thread at a time. */
@Internal
public interface PromptStore {

    /**
     * Stores one.
     *
     * @return false if it was not stored because its key has not opted in at this moment
     * @throws StoreUnavailableException if it cannot be stored; the message quotes nothing of it
     */
    boolean store(PromptRecord prompt);
}
