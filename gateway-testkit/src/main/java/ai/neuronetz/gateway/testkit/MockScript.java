package ai.neuronetz.gateway.testkit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a mock Ollama is told to do with the requests to come. Immutable; a change makes a new one.
 *
 * @param models digests by name
 * @param tokens the answer, a token each
 * @param pace between frames
 * @param firstFrameAfter before the first one
 * @param fault what goes wrong, and when
 * @param countsOmitted the final frame tells no counts
 * @param lyingInput reported instead of the truth, or null
 * @param lyingOutput reported instead of the truth, or null
 * @param unavailable every route answers 503
 */
record MockScript(
        Map<String, String> models,
        List<String> tokens,
        Duration pace,
        Duration firstFrameAfter,
        @Nullable Fault fault,
        boolean countsOmitted,
        @Nullable Long lyingInput,
        @Nullable Long lyingOutput,
        boolean unavailable) {

    /** What goes wrong. */
    enum Kind {
        /** An HTTP error instead of an answer. */
        STATUS,
        /** An error as Ollama puts it into a stream. */
        ERROR,
        /** The body ends, without the terminator. */
        CUT,
        /** The connection is reset. */
        RESET,
        /** Nothing more comes. */
        STALL,
        /** Bytes that are no frame. */
        GARBAGE
    }

    /**
     * @param afterFrames frames that come first
     * @param text Ollama's own words
     */
    record Fault(Kind kind, int afterFrames, int status, String text) {}

    static MockScript initial() {
        return new MockScript(
                models(List.of("llama3.2:3b", "qwen3:8b", "nomic-embed-text:latest")),
                List.of("Hello", "!", " How", " can", " I", " help", " you", " today", "?"),
                Duration.ZERO,
                Duration.ZERO,
                null,
                false,
                null,
                null,
                false);
    }

    static Map<String, String> models(List<String> names) {
        Map<String, String> models = new LinkedHashMap<>();
        for (String name : names) {
            models.put(
                    name,
                    String.format("%016x", name.hashCode() * 0x9e3779b97f4a7c15L)
                            .repeat(4));
        }
        return models;
    }

    MockScript withModels(Map<String, String> models) {
        return new MockScript(
                models, tokens, pace, firstFrameAfter, fault, countsOmitted, lyingInput, lyingOutput, unavailable);
    }

    MockScript withTokens(List<String> tokens) {
        return new MockScript(
                models,
                List.copyOf(tokens),
                pace,
                firstFrameAfter,
                fault,
                countsOmitted,
                lyingInput,
                lyingOutput,
                unavailable);
    }

    MockScript withPace(Duration pace) {
        return new MockScript(
                models, tokens, pace, firstFrameAfter, fault, countsOmitted, lyingInput, lyingOutput, unavailable);
    }

    MockScript withFirstFrameAfter(Duration wait) {
        return new MockScript(models, tokens, pace, wait, fault, countsOmitted, lyingInput, lyingOutput, unavailable);
    }

    MockScript withFault(@Nullable Fault fault) {
        return new MockScript(
                models, tokens, pace, firstFrameAfter, fault, countsOmitted, lyingInput, lyingOutput, unavailable);
    }

    MockScript withCounts(boolean omitted, @Nullable Long input, @Nullable Long output) {
        return new MockScript(models, tokens, pace, firstFrameAfter, fault, omitted, input, output, unavailable);
    }

    MockScript withUnavailable(boolean unavailable) {
        return new MockScript(
                models, tokens, pace, firstFrameAfter, fault, countsOmitted, lyingInput, lyingOutput, unavailable);
    }
}
