package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The wire formats of Ollama's inference endpoints.
 *
 * <p>Source: Ollama v0.33, {@code api/types.go} and {@code openai/openai.go}.
 */
enum MockFormat {
    CHAT("/api/chat", true) {
        @Override
        String frame(String model, String token, boolean first) {
            ObjectNode frame = nativeFrame(model, false);
            frame.putObject("message").put("role", "assistant").put("content", token);
            return frame + "\n";
        }

        @Override
        List<String> last(String model, Counts counts, String reason, boolean usage) {
            ObjectNode frame = nativeFrame(model, true);
            frame.putObject("message").put("role", "assistant").put("content", "");
            return List.of(nativeEnd(frame, counts, reason) + "\n");
        }

        @Override
        String whole(String model, String text, Counts counts, String reason) {
            ObjectNode frame = nativeFrame(model, true);
            frame.putObject("message").put("role", "assistant").put("content", text);
            return nativeEnd(frame, counts, reason).toString();
        }
    },

    GENERATE("/api/generate", true) {
        @Override
        String frame(String model, String token, boolean first) {
            return nativeFrame(model, false).put("response", token) + "\n";
        }

        @Override
        List<String> last(String model, Counts counts, String reason, boolean usage) {
            return List.of(nativeEnd(nativeFrame(model, true).put("response", ""), counts, reason) + "\n");
        }

        @Override
        String whole(String model, String text, Counts counts, String reason) {
            return nativeEnd(nativeFrame(model, true).put("response", text), counts, reason)
                    .toString();
        }
    },

    CHAT_COMPLETIONS("/v1/chat/completions", false) {
        @Override
        String frame(String model, String token, boolean first) {
            ObjectNode chunk = openAi("chat.completion.chunk", "chatcmpl-417", model);
            ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
            ObjectNode delta = choice.putObject("delta");
            if (first) {
                delta.put("role", "assistant");
            }
            delta.put("content", token);
            choice.putNull("finish_reason");
            return event(chunk);
        }

        @Override
        List<String> last(String model, Counts counts, String reason, boolean usage) {
            ObjectNode stop = openAi("chat.completion.chunk", "chatcmpl-417", model);
            ObjectNode choice = stop.putArray("choices").addObject().put("index", 0);
            choice.putObject("delta");
            choice.put("finish_reason", reason);
            if (!usage) {
                return List.of(event(stop), "data: [DONE]\n\n");
            }
            ObjectNode last = openAi("chat.completion.chunk", "chatcmpl-417", model);
            last.putArray("choices");
            return List.of(event(stop), event(withUsage(last, counts)), "data: [DONE]\n\n");
        }

        @Override
        String whole(String model, String text, Counts counts, String reason) {
            ObjectNode answer = openAi("chat.completion", "chatcmpl-417", model);
            ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
            choice.putObject("message").put("role", "assistant").put("content", text);
            choice.put("finish_reason", reason);
            return withUsage(answer, counts).toString();
        }
    },

    COMPLETIONS("/v1/completions", false) {
        @Override
        String frame(String model, String token, boolean first) {
            ObjectNode chunk = openAi("text_completion", "cmpl-12", model);
            chunk.putArray("choices")
                    .addObject()
                    .put("text", token)
                    .put("index", 0)
                    .putNull("finish_reason");
            return event(chunk);
        }

        @Override
        List<String> last(String model, Counts counts, String reason, boolean usage) {
            ObjectNode stop = openAi("text_completion", "cmpl-12", model);
            stop.putArray("choices").addObject().put("text", "").put("index", 0).put("finish_reason", reason);
            if (!usage) {
                return List.of(event(stop), "data: [DONE]\n\n");
            }
            ObjectNode last = openAi("text_completion", "cmpl-12", model);
            last.putArray("choices");
            return List.of(event(stop), event(withUsage(last, counts)), "data: [DONE]\n\n");
        }

        @Override
        String whole(String model, String text, Counts counts, String reason) {
            ObjectNode answer = openAi("text_completion", "cmpl-12", model);
            answer.putArray("choices")
                    .addObject()
                    .put("text", text)
                    .put("index", 0)
                    .put("finish_reason", reason);
            return withUsage(answer, counts).toString();
        }
    };

    /**
     * What the final frame reports.
     *
     * @param input null leaves it out
     * @param output null leaves it out
     */
    record Counts(@Nullable Long input, @Nullable Long output) {}

    static final ObjectMapper JSON = new ObjectMapper();

    private final String path;
    private final boolean ollama;

    MockFormat(String path, boolean ollama) {
        this.path = path;
        this.ollama = ollama;
    }

    static @Nullable MockFormat of(String path) {
        for (MockFormat format : values()) {
            if (format.path.equals(path)) {
                return format;
            }
        }
        return null;
    }

    boolean streamsByDefault() {
        return ollama;
    }

    String streamType() {
        return ollama ? "application/x-ndjson" : "text/event-stream";
    }

    /** An error as an HTTP answer. */
    String error(String text) {
        ObjectNode body = JSON.createObjectNode();
        if (ollama) {
            return body.put("error", text).toString();
        }
        body.putObject("error")
                .put("message", text)
                .put("type", "api_error")
                .putNull("param")
                .putNull("code");
        return body.toString();
    }

    /** An error in the middle of a stream: Ollama's OpenAI routes lose its text. */
    String streamedError(String text, String model) {
        return ollama ? error(text) + "\n" : frame("", "", false);
    }

    abstract String frame(String model, String token, boolean first);

    abstract List<String> last(String model, Counts counts, String reason, boolean usage);

    abstract String whole(String model, String text, Counts counts, String reason);

    private static ObjectNode nativeFrame(String model, boolean done) {
        return JSON.createObjectNode()
                .put("model", model)
                .put("created_at", Instant.now().toString())
                .put("done", done);
    }

    private static ObjectNode nativeEnd(ObjectNode frame, Counts counts, String reason) {
        frame.put("done_reason", reason).put("total_duration", 1_300_000_000L).put("load_duration", 90_000_000L);
        if (counts.input() != null) {
            frame.put("prompt_eval_count", counts.input());
        }
        frame.put("prompt_eval_duration", 40_000_000L);
        if (counts.output() != null) {
            frame.put("eval_count", counts.output());
        }
        return frame.put("eval_duration", 1_100_000_000L);
    }

    private static ObjectNode openAi(String object, String id, String model) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", Instant.now().getEpochSecond())
                .put("model", model)
                .put("system_fingerprint", "fp_ollama");
    }

    private static ObjectNode withUsage(ObjectNode node, Counts counts) {
        long input = counts.input() == null ? 0 : counts.input();
        long output = counts.output() == null ? 0 : counts.output();
        node.putObject("usage")
                .put("prompt_tokens", input)
                .put("completion_tokens", output)
                .put("total_tokens", input + output);
        return node;
    }

    private static String event(ObjectNode chunk) {
        return "data: " + chunk + "\n\n";
    }

    /** The listing of {@code /api/tags}. */
    static String tags(MockScript script) {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode models = body.putArray("models");
        script.models().forEach((name, digest) -> {
            ObjectNode model = models.addObject()
                    .put("name", name)
                    .put("model", name)
                    .put("modified_at", "2026-08-01T10:00:00.123456789+02:00")
                    .put("size", 2_019_393_189L)
                    .put("digest", digest);
            model.putObject("details")
                    .put("parent_model", "")
                    .put("format", "gguf")
                    .put("family", "llama")
                    .put("parameter_size", "3.2B")
                    .put("quantization_level", "Q4_K_M");
            model.putArray("capabilities").add("completion").add("tools");
        });
        return body.toString();
    }
}
