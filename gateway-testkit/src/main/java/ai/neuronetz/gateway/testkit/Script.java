package ai.neuronetz.gateway.testkit;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the mock answers. Never changed once published: {@link MockOllama} changes a copy and swaps it in. */
final class Script {
    List<String> reply =
            List.of("The", " quick", " brown", " fox", " jumps", " over", " the", " lazy", " dog", " at", " noon", ".");
    List<String> thinking = List.of();
    List<ToolCall> toolCalls = List.of();
    Duration pace = Duration.ZERO;
    Duration firstFrameAfter = Duration.ZERO;

    @Nullable
    Refusal refusal;

    @Nullable
    Fault fault;

    @Nullable
    Counts counts;

    boolean omitCounts;
    boolean unavailable;

    Script copy() {
        Script copy = new Script();
        copy.reply = reply;
        copy.thinking = thinking;
        copy.toolCalls = toolCalls;
        copy.pace = pace;
        copy.firstFrameAfter = firstFrameAfter;
        copy.refusal = refusal;
        copy.fault = fault;
        copy.counts = counts;
        copy.omitCounts = omitCounts;
        copy.unavailable = unavailable;
        return copy;
    }

    static List<String> tokens(int count) {
        return IntStream.range(0, count).mapToObj(i -> " t" + i).toList();
    }

    record ToolCall(String name, String argumentsJson) {}

    record Refusal(int status, String error) {}

    record Counts(long prompt, long eval) {}

    /** {@code text} is only used by {@link Kind#ERROR}. */
    record Fault(Kind kind, int afterFrames, String text) {
        enum Kind {
            ERROR,
            CUT,
            CLOSE,
            RESET,
            STALL,
            GARBAGE
        }
    }
}
