package ai.neuronetz.gateway.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The scripted answer to one request, cut to the request's output cap.
 *
 * @param generatedTokens what it really has; {@link #outputTokens()} is what it claims
 * @param truncated whether the cap cut something off
 */
record Answer(InferenceRequest request, Script script, List<Piece> pieces, long generatedTokens, boolean truncated) {
    enum Kind {
        THINKING,
        TEXT,
        TOOL
    }

    /** What one frame carries: one token, or one whole tool call in {@code text}'s place. */
    record Piece(Kind kind, String text, Script.ToolCall call, int tokens) {}

    private static final Script.ToolCall NO_CALL = new Script.ToolCall("", "{}");

    static Answer of(InferenceRequest request, Script script) {
        List<Piece> wanted = new ArrayList<>();
        if (!request.route().embeds() && !request.loadsOnly()) {
            script.thinking.forEach(token -> wanted.add(new Piece(Kind.THINKING, token, NO_CALL, 1)));
            script.reply.forEach(token -> wanted.add(new Piece(Kind.TEXT, token, NO_CALL, 1)));
            script.toolCalls.forEach(call -> wanted.add(new Piece(Kind.TOOL, "", call, tokens(call))));
        }
        List<Piece> pieces = new ArrayList<>();
        long tokens = 0;
        for (Piece piece : wanted) {
            if (tokens + piece.tokens() > request.cap()) {
                return new Answer(request, script, List.copyOf(pieces), tokens, true);
            }
            pieces.add(piece);
            tokens += piece.tokens();
        }
        return new Answer(request, script, List.copyOf(pieces), tokens, false);
    }

    private static int tokens(Script.ToolCall call) {
        int bytes = (call.name() + call.argumentsJson()).getBytes(StandardCharsets.UTF_8).length;
        return Math.max(1, (int) InferenceRequest.tokens(bytes));
    }

    String model() {
        return request.model();
    }

    /** The prompt's token count that the answer states. */
    long inputTokens() {
        return script.inputCount.count(request.promptTokens());
    }

    /** The generated tokens that the answer states. */
    long outputTokens() {
        return script.outputCount.count(generatedTokens);
    }

    /** Whether it says nothing of tokens at all. */
    boolean omitsCounts() {
        return script.inputCount.omitted() && script.outputCount.omitted();
    }

    /** How long it takes from the request to the last frame. */
    long durationNanos() {
        long steps = script.refusal == null ? Math.max(0, pieces.size() - 1) : 0;
        return script.firstFrameAfter.toNanos() + steps * script.pace.toNanos();
    }

    /** Whether it is sent frame by frame. */
    boolean streamed() {
        return request.stream() && !request.loadsOnly() && script.refusal == null;
    }

    String text(Kind kind) {
        return pieces.stream()
                .filter(piece -> piece.kind() == kind)
                .map(Piece::text)
                .collect(Collectors.joining());
    }

    List<Script.ToolCall> calls() {
        return pieces.stream()
                .filter(piece -> piece.kind() == Kind.TOOL)
                .map(Piece::call)
                .toList();
    }

    /** Eight hex digits that tell this request's ids from others'. */
    String id(int index) {
        return String.format("%04x%04x", request.received().sequence() & 0xffff, index);
    }

    long createdSeconds() {
        return Instant.now().getEpochSecond();
    }

    long elapsedNanos() {
        return System.nanoTime() - request.received().receivedNanos();
    }
}
