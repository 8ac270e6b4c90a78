package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** JSON and SSE of /v1/completions. Tool calls do not exist here. */
final class OpenAiCompletionsDialect implements Dialect {
    @Override
    public String streamType() {
        return "text/event-stream";
    }

    @Override
    public List<Frame> frames(Answer answer) {
        boolean usage = answer.request().includeUsage();
        List<Frame> frames = new ArrayList<>();
        for (Answer.Piece piece : answer.pieces()) {
            if (piece.kind() != Answer.Kind.TOOL) {
                frames.add(Frame.data(
                        piece.tokens(), true, () -> withZeroUsage(usage, object(answer, piece.text(), null))));
            }
        }
        frames.add(Frame.data(0, true, () -> withZeroUsage(usage, object(answer, "", finish(answer)))));
        if (usage && !answer.omitsCounts()) {
            frames.add(Frame.data(0, false, () -> {
                ObjectNode last = object(answer, "", null);
                last.putArray("choices");
                return last.set("usage", OpenAiChatDialect.usage(answer));
            }));
        }
        frames.add(new Frame(0, false, () -> "data: [DONE]\n\n"));
        return frames;
    }

    @Override
    public ObjectNode whole(Answer answer) {
        return object(answer, answer.text(Answer.Kind.TEXT), finish(answer))
                .set("usage", OpenAiChatDialect.usage(answer));
    }

    @Override
    public ObjectNode error(int status, String message) {
        return OpenAiErrors.error(status, message);
    }

    @Override
    public Optional<String> brokenOff(String message) {
        ObjectNode chunk = Json.object()
                .put("id", "cmpl-0")
                .put("object", "text_completion")
                .put("created", 0);
        chunk.putArray("choices").addObject().put("text", "").put("index", 0).putNull("finish_reason");
        chunk.put("model", "").put("system_fingerprint", "fp_ollama");
        return Optional.of("data: " + Json.write(chunk) + "\n\n");
    }

    /** With include_usage every chunk before the last carries a usage object of zeros. */
    private static ObjectNode withZeroUsage(boolean usage, ObjectNode chunk) {
        if (usage) {
            chunk.putObject("usage")
                    .put("prompt_tokens", 0)
                    .put("completion_tokens", 0)
                    .put("total_tokens", 0);
        }
        return chunk;
    }

    private static ObjectNode object(Answer answer, String text, @Nullable String finish) {
        ObjectNode object = Json.object()
                .put("id", "cmpl-" + answer.request().received().sequence() % 999)
                .put("object", "text_completion")
                .put("created", answer.createdSeconds());
        object.putArray("choices").addObject().put("text", text).put("index", 0).put("finish_reason", finish);
        return object.put("model", answer.model()).put("system_fingerprint", "fp_ollama");
    }

    private static String finish(Answer answer) {
        return answer.truncated() ? "length" : "stop";
    }
}
