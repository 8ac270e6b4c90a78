package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a frame of an endpoint means, and what of it the client may see.
 *
 * <p>A frame whose fields are all known goes on byte for byte. One with others is written anew without them: whatever a
 * future Ollama adds about other hosts or its own insides does not pass by itself.
 */
final class FrameRules {

    /** What is to be done with a frame. */
    enum Verdict {
        /** As it came. */
        PASS,
        /** As {@link Frame#rewritten} says. */
        REWRITE,
        /** Not for the client. */
        HIDE,
        /** An error, or no frame of this endpoint. */
        FAIL
    }

    /** @param last the dialect's own sign that the answer is complete */
    record Frame(Verdict verdict, byte @Nullable [] rewritten, boolean last) {}

    private static final Frame PASS = new Frame(Verdict.PASS, null, false);
    private static final Frame LAST = new Frame(Verdict.PASS, null, true);
    private static final Frame HIDE = new Frame(Verdict.HIDE, null, false);
    private static final Frame FAIL = new Frame(Verdict.FAIL, null, false);

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(200)
                            .maxNumberLength(400)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Set<String> NATIVE = Set.of(
            "model",
            "created_at",
            "message",
            "done",
            "done_reason",
            "total_duration",
            "load_duration",
            "prompt_eval_count",
            "prompt_eval_duration",
            "eval_count",
            "eval_duration",
            "logprobs");
    private static final Set<String> OPENAI =
            Set.of("id", "object", "created", "model", "system_fingerprint", "choices", "usage", "service_tier");

    private final Dialect dialect;
    private final boolean streamed;
    private final boolean usageWanted;
    private final Set<String> known;

    private FrameRules(Dialect dialect, boolean streamed, boolean usageWanted, Set<String> known) {
        this.dialect = dialect;
        this.streamed = streamed;
        this.usageWanted = usageWanted;
        this.known = known;
    }

    static FrameRules of(Endpoint endpoint, boolean streamed, boolean usageWanted) {
        Dialect dialect = endpoint.dialect();
        return new FrameRules(dialect, streamed, usageWanted, dialect == Dialect.OLLAMA ? NATIVE : OPENAI);
    }

    /** Reads one JSON object of the answer, and adds to the counts. Does not throw, whatever the bytes. */
    Frame read(byte[] bytes, int offset, int length, FrameCounts counts) {
        JsonNode node;
        try {
            node = MAPPER.readTree(bytes, offset, length);
        } catch (IOException e) {
            return FAIL;
        }
        if (!(node instanceof ObjectNode frame) || frame.has("error")) {
            return FAIL;
        }
        return dialect == Dialect.OLLAMA ? readNative(frame, counts) : readOpenAi(frame, counts);
    }

    private Frame readNative(ObjectNode frame, FrameCounts counts) {
        JsonNode message = frame.path("message");
        count(counts, message.path("content"), message.path("thinking"), message.path("tool_calls"));
        boolean last = frame.path("done").isBoolean() && frame.path("done").booleanValue();
        if (last) {
            counts.inputTokens = number(frame.path("prompt_eval_count"));
            counts.outputTokens = number(frame.path("eval_count"));
        }
        return cleaned(frame, last);
    }

    private Frame readOpenAi(ObjectNode frame, FrameCounts counts) {
        JsonNode choices = frame.path("choices");
        if (!choices.isArray()) {
            return FAIL;
        }
        boolean complete = true;
        for (JsonNode choice : choices) {
            complete &= choice.path("finish_reason").isTextual();
            JsonNode output = choice.path(streamed ? "delta" : "message");
            count(counts, output.path("content"), output.path("reasoning"), output.path("tool_calls"));
        }
        JsonNode usage = frame.path("usage");
        if (usage.isObject()) {
            counts.inputTokens = number(usage.path("prompt_tokens"));
            counts.outputTokens = number(usage.path("completion_tokens"));
            if (streamed && !usageWanted) {
                if (choices.isEmpty()) {
                    return HIDE;
                }
                frame.remove("usage");
                return new Frame(Verdict.REWRITE, written(frame, false), false);
            }
        }
        // A stream says it is complete by an event of its own.
        return cleaned(frame, !streamed && complete && !choices.isEmpty());
    }

    private Frame cleaned(ObjectNode frame, boolean last) {
        boolean clean = true;
        for (Iterator<String> names = frame.fieldNames(); clean && names.hasNext(); ) {
            clean = known.contains(names.next());
        }
        if (clean) {
            return last ? LAST : PASS;
        }
        return new Frame(Verdict.REWRITE, written(frame, true), last);
    }

    private byte[] written(ObjectNode frame, boolean knownOnly) {
        return StrictJson.write(knownOnly ? frame.retain(known) : frame);
    }

    private static void count(FrameCounts counts, JsonNode text, JsonNode thinking, JsonNode toolCalls) {
        long bytes = bytes(text) + bytes(thinking);
        if (toolCalls.isArray() && !toolCalls.isEmpty()) {
            bytes += StrictJson.write(toolCalls).length;
        }
        if (bytes > 0) {
            counts.frames++;
            counts.bytes += bytes;
        }
    }

    private static long bytes(JsonNode text) {
        return text.isTextual() ? text.textValue().getBytes(StandardCharsets.UTF_8).length : 0;
    }

    /** What is missing, no whole number, or beyond 64 bits, is not known. */
    private static @Nullable Long number(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToLong() ? Long.valueOf(node.longValue()) : null;
    }
}
