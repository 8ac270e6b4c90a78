package ai.neuronetz.gateway.testkit;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the mock answers. Never changed once published: an {@link AnswerScript} changes a copy and swaps it in. */
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

    Claim inputCount = Claim.TRUE;
    Claim outputCount = Claim.TRUE;

    Script with(Consumer<Script> change) {
        Script copy = new Script();
        copy.reply = reply;
        copy.thinking = thinking;
        copy.toolCalls = toolCalls;
        copy.pace = pace;
        copy.firstFrameAfter = firstFrameAfter;
        copy.refusal = refusal;
        copy.fault = fault;
        copy.inputCount = inputCount;
        copy.outputCount = outputCount;
        change.accept(copy);
        return copy;
    }

    void addToolCall(String name, String argumentsJson) {
        toolCalls = Stream.concat(toolCalls.stream(), Stream.of(new ToolCall(name, argumentsJson)))
                .toList();
    }

    static List<String> tokens(int count) {
        return IntStream.range(0, count).mapToObj(i -> " t" + i).toList();
    }

    record ToolCall(String name, String argumentsJson) {}

    record Refusal(int status, String error) {}

    /**
     * What an answer says of one of its two token counts.
     *
     * @param omitted left out, or 0 where the dialect always has it
     * @param stated null for the truth
     */
    record Claim(boolean omitted, @Nullable Long stated) {
        static final Claim TRUE = new Claim(false, null);
        static final Claim OMITTED = new Claim(true, null);

        static Claim of(long stated) {
            return new Claim(false, stated);
        }

        long count(long truth) {
            return omitted ? 0 : stated == null ? truth : stated;
        }
    }

    /**
     * Where an answer goes wrong, and how.
     *
     * @param inBytes whether {@code at} counts bytes of the body; it counts frames otherwise
     * @param text of an {@link Kind#ERROR}
     * @param size in bytes, of an {@link Kind#OVERSIZED} frame
     */
    record Fault(Kind kind, boolean inBytes, long at, String text, int size) {
        enum Kind {
            ERROR,
            CUT,
            CLOSE,
            RESET,
            STALL,
            INVALID_JSON,
            INVALID_UTF8,
            OVERSIZED;

            /** A bad frame in between; the answer goes on after it. */
            boolean garbage() {
                return this == INVALID_JSON || this == INVALID_UTF8 || this == OVERSIZED;
            }

            boolean breaksConnection() {
                return this == CLOSE || this == RESET;
            }
        }

        Fault {
            if (at < 0 || size < 0) {
                throw new IllegalArgumentException("a fault at " + at + ", size " + size + " (expected: >= 0)");
            }
        }

        static Fault afterFrames(Kind kind, int frames) {
            return new Fault(kind, false, frames, "", 0);
        }

        static Fault atByte(Kind kind, long offset) {
            return new Fault(kind, true, offset, "", 0);
        }

        boolean due(long frames, long bytes) {
            return (inBytes ? bytes : frames) >= at;
        }
    }
}
