package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.TokenCount;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of an exchange when it ended: what the fifth stage goes by. Immutable.
 *
 * @param outcome how it ended
 * @param forwarded whether any byte of the request can have reached Ollama
 * @param finished whether the dialect's terminator came
 * @param inputTokens as reported, unchecked
 * @param outputTokens as reported, unchecked
 * @param frames frames that carried output
 * @param outputBytes bytes of output text in them, and of an answer that could not be read
 * @param thoughts tokens of thought that were seen: one for each frame, or in an answer that came whole for each byte
 * @param upstreamStatus or null
 * @param firstByteMillis or null
 * @param durationMillis from admission to the end
 */
public record Observation(
        Settlement.Outcome outcome,
        boolean forwarded,
        boolean finished,
        TokenCount inputTokens,
        TokenCount outputTokens,
        long frames,
        long outputBytes,
        long thoughts,
        @Nullable Integer upstreamStatus,
        @Nullable Long firstByteMillis,
        long durationMillis) {}
