package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/** The answer of an endpoint that embeds: whole always, and without output tokens. */
final class EmbeddingFrames extends FrameInspector {

    private static final TokenCount NO_OUTPUT = new TokenCount.Stated(0);

    private final String vectors;

    private EmbeddingFrames(String vectors, Set<String> known) {
        super(known);
        this.vectors = vectors;
    }

    static EmbeddingFrames embed() {
        return new EmbeddingFrames(
                "embeddings", Set.of("model", "embeddings", "total_duration", "load_duration", "prompt_eval_count"));
    }

    /** Ollama counts nothing here. */
    static EmbeddingFrames embeddings() {
        return new EmbeddingFrames("embedding", Set.of("embedding"));
    }

    static EmbeddingFrames openAi() {
        return new EmbeddingFrames("data", Set.of("object", "data", "model", "usage"));
    }

    @Override
    void field(String key, JsonParser parser, Frame frame) throws IOException {
        if (key.equals(vectors)) {
            frame.sound = parser.currentToken() == JsonToken.START_ARRAY;
            parser.skipChildren();
        } else if (key.equals("prompt_eval_count")) {
            frame.inputTokens = count(parser);
        } else if (key.equals("usage")) {
            members(parser, (member, value) -> {
                if (member.equals("prompt_tokens")) {
                    frame.inputTokens = count(value);
                } else {
                    value.skipChildren();
                }
            });
        } else {
            parser.skipChildren();
        }
    }

    @Override
    Verdict conclude(Frame frame) {
        if (!frame.sound) {
            return Verdict.FAIL;
        }
        report(frame.inputTokens, NO_OUTPUT);
        terminate();
        return frame.foreign ? Verdict.REWRITE : Verdict.FORWARD;
    }
}
