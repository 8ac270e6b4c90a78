package ai.neuronetz.gateway.admin;

import ai.neuronetz.gateway.identity.KeyId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The operator's way to what keys that opted in asked and were answered. Reading is audited like changing; a prompt is shown only
 * after the audit of it was committed.
 */
public interface PromptAdministration {

    /**
     * Has prompts and answers of a key kept, from now on.
     *
     * @param retention after which each is gone, up to 366 days; null to keep no more. What is stored keeps its time.
     */
    void setRetention(KeyId keyId, @Nullable Duration retention);

    /**
     * The newest first, without what was said.
     *
     * @param tenantId or null for any
     * @param keyId or null for any
     * @param since or null for all
     */
    List<PromptRow> list(@Nullable String tenantId, @Nullable KeyId keyId, @Nullable Instant since, int limit);

    /** Reads one; empty if there is none, or none any more. */
    Optional<Prompt> read(UUID requestId);

    /**
     * Deletes those of which all that is given is true; if nothing is given, all.
     *
     * @param before those of requests that ended before it
     * @return how many there were
     */
    long purge(@Nullable String tenantId, @Nullable KeyId keyId, @Nullable Instant before);

    /**
     * What is known of one.
     *
     * @param at when the exchange closed
     * @param goneAt when it will be deleted
     * @param outcome as settled
     * @param promptLength in characters
     * @param answerLength in characters
     */
    record PromptRow(
            UUID requestId,
            Instant at,
            Instant goneAt,
            String tenantId,
            KeyId keyId,
            String endpoint,
            String model,
            String outcome,
            int promptLength,
            int answerLength) {}

    /**
     * One, redacted. Its text is not in {@link #toString}.
     *
     * @param promptCut whether there was more of the prompt
     * @param answerCut whether there was more of the answer
     */
    record Prompt(PromptRow row, String prompt, boolean promptCut, String answer, boolean answerCut) {

        @Override
        public String toString() {
            return "Prompt[" + row + "]";
        }
    }
}
