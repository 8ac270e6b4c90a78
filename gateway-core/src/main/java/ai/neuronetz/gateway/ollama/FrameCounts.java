package ai.neuronetz.gateway.ollama;

import org.jspecify.annotations.Nullable;

/** What was counted in an answer so far. */
final class FrameCounts {

    @Nullable
    Long inputTokens;

    @Nullable
    Long outputTokens;

    long frames;
    long bytes;
}
