package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.CommonShapes.COUNT;
import static ai.neuronetz.gateway.ollama.CommonShapes.DIMENSIONS;
import static ai.neuronetz.gateway.ollama.CommonShapes.EMBEDDED;
import static ai.neuronetz.gateway.ollama.CommonShapes.FUNCTIONS;
import static ai.neuronetz.gateway.ollama.CommonShapes.LOGPROBS;
import static ai.neuronetz.gateway.ollama.CommonShapes.MAX_MESSAGES;
import static ai.neuronetz.gateway.ollama.CommonShapes.ROLE;
import static ai.neuronetz.gateway.ollama.CommonShapes.SEED;
import static ai.neuronetz.gateway.ollama.CommonShapes.WEIGHT;
import static ai.neuronetz.gateway.ollama.Shapes.BASE64_IMAGE;
import static ai.neuronetz.gateway.ollama.Shapes.BOOLEAN;
import static ai.neuronetz.gateway.ollama.Shapes.CALL_ID;
import static ai.neuronetz.gateway.ollama.Shapes.FORMAT;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_OBJECT;
import static ai.neuronetz.gateway.ollama.Shapes.NAME;
import static ai.neuronetz.gateway.ollama.Shapes.STOP;
import static ai.neuronetz.gateway.ollama.Shapes.TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.booleanOr;
import static ai.neuronetz.gateway.ollama.Shapes.integer;
import static ai.neuronetz.gateway.ollama.Shapes.list;
import static ai.neuronetz.gateway.ollama.Shapes.message;
import static ai.neuronetz.gateway.ollama.Shapes.oneOf;

import ai.neuronetz.gateway.ollama.RequestTable.InOptions;
import ai.neuronetz.gateway.ollama.RequestTable.NoOutput;
import ai.neuronetz.gateway.ollama.RequestTable.Streaming;

/** Requests of Ollama's own endpoints. Source: Ollama {@code api/types.go}, v0.33. */
final class OllamaRequests {

    /** Options that make the scheduler reload the model for everybody ({@code sched.go}, {@code needsReload}). */
    private static final String[] RUNNER_OPTIONS = {
        "num_ctx",
        "num_batch",
        "num_gpu",
        "main_gpu",
        "use_mmap",
        "use_mlock",
        "num_thread",
        "draft_num_predict",
        "low_vram",
        "numa",
        "vocab_only",
        "f16_kv",
        "logits_all",
        "num_keep"
    };

    /** What a tenant must not decide: what is loaded for how long, and what goes around the model's own template. */
    private static final String[] OPERATORS_OWN = {
        "keep_alive", "template", "raw", "context", "shift", "_debug_render_only"
    };

    private static final Shape THINK = booleanOr(oneOf("low", "medium", "high", "max"));

    private static final Fields OPTIONS = Fields.map()
            .pass("seed", SEED)
            .pass("top_k", COUNT)
            .pass("top_p", WEIGHT)
            .pass("min_p", WEIGHT)
            .pass("typical_p", WEIGHT)
            .pass("repeat_last_n", COUNT)
            .pass("temperature", WEIGHT)
            .pass("repeat_penalty", WEIGHT)
            .pass("presence_penalty", WEIGHT)
            .pass("frequency_penalty", WEIGHT)
            .pass("stop", STOP)
            .elsewhere("num_predict")
            .strip(RUNNER_OPTIONS)
            .build();

    private static final Shape TOOL_CALL = message(Fields.struct()
            .pass("id", TEXT)
            .pass("type", oneOf("function"))
            .require(
                    "function",
                    Fields.struct()
                            .pass("index", integer(0, 1_000_000))
                            .require("name", NAME)
                            .pass("arguments", JSON_OBJECT)
                            .build())
            .build());

    private static final Shape MESSAGE = message(Fields.struct()
            .require("role", ROLE)
            .pass("content", TEXT)
            .pass("thinking", TEXT)
            .pass("images", list(BASE64_IMAGE))
            .pass("tool_calls", list(TOOL_CALL))
            .pass("tool_name", NAME)
            .pass("tool_call_id", CALL_ID)
            .build());

    static final RequestTable CHAT = RequestTable.ofOllama(
            generating()
                    .pass("messages", list(MESSAGE, MAX_MESSAGES))
                    .pass("tools", FUNCTIONS)
                    .strip("system")
                    .build(),
            Streaming.BY_DEFAULT,
            new InOptions(OPTIONS),
            "messages");

    static final RequestTable GENERATE = RequestTable.ofOllama(
            generating()
                    .pass("prompt", TEXT)
                    .pass("suffix", TEXT)
                    .pass("system", TEXT)
                    .pass("images", list(BASE64_IMAGE))
                    .build(),
            Streaming.BY_DEFAULT,
            new InOptions(OPTIONS),
            "prompt");

    static final RequestTable EMBED = RequestTable.ofOllama(
            embedding()
                    .pass("input", EMBEDDED)
                    .pass("truncate", BOOLEAN)
                    .pass("dimensions", DIMENSIONS)
                    .build(),
            Streaming.NEVER,
            new NoOutput(),
            "input");

    static final RequestTable EMBEDDINGS =
            RequestTable.ofOllama(embedding().pass("prompt", TEXT).build(), Streaming.NEVER, new NoOutput(), "prompt");

    private OllamaRequests() {}

    private static Fields.Builder generating() {
        return Fields.struct()
                .elsewhere("model", "stream", "options")
                .pass("format", FORMAT)
                .pass("think", THINK)
                .pass("truncate", BOOLEAN)
                .pass("logprobs", BOOLEAN)
                .pass("top_logprobs", LOGPROBS)
                .strip(OPERATORS_OWN);
    }

    /** No option has a say in an embedding but those of the runner. */
    private static Fields.Builder embedding() {
        return Fields.struct().elsewhere("model").strip("options").strip(OPERATORS_OWN);
    }
}
