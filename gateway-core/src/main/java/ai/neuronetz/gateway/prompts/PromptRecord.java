package ai.neuronetz.gateway.prompts;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.Endpoint;
import java.util.UUID;

/**
 * What is kept of one exchange, redacted. Its text is in no log: {@link #toString} tells the id only.
 *
 * @param ageMillis since the exchange closed
 * @param promptCut whether there was more of the prompt
 * @param answerCut whether there was more of the answer
 */
@Internal
public record PromptRecord(
        UUID requestId,
        KeyId keyId,
        Endpoint endpoint,
        String model,
        Settlement.Outcome outcome,
        long ageMillis,
        String prompt,
        boolean promptCut,
        String answer,
        boolean answerCut) {

    @Override
    public String toString() {
        return "PromptRecord[" + requestId + "]";
    }
}
