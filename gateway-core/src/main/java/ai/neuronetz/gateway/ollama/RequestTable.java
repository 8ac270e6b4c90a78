package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.Shapes.BASE64_IMAGE;
import static ai.neuronetz.gateway.ollama.Shapes.BOOLEAN;
import static ai.neuronetz.gateway.ollama.Shapes.DATA_URI;
import static ai.neuronetz.gateway.ollama.Shapes.FORMAT;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_OBJECT;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.STOP;
import static ai.neuronetz.gateway.ollama.Shapes.TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.booleanOr;
import static ai.neuronetz.gateway.ollama.Shapes.either;
import static ai.neuronetz.gateway.ollama.Shapes.integer;
import static ai.neuronetz.gateway.ollama.Shapes.list;
import static ai.neuronetz.gateway.ollama.Shapes.message;
import static ai.neuronetz.gateway.ollama.Shapes.number;
import static ai.neuronetz.gateway.ollama.Shapes.oneOf;
import static ai.neuronetz.gateway.ollama.Shapes.typed;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each endpoint's request is made of.
 *
 * <p>Source: Ollama {@code api/types.go} and {@code openai/openai.go}, v0.33. A field that Ollama may add is unknown here,
 * and is dropped until somebody has thought about it.
 *
 * @param fields of the body
 * @param streamDefault whether an answer is streamed if the request does not say
 * @param options the fields of {@code options}, or null where there are none; the output cap then goes there
 * @param caps names under which a client may limit the output; the first is the one Ollama reads
 * @param single fields that may only be 1, and then need not be sent
 * @param empty the answer to a request without messages
 */
record RequestTable(
        Fields fields,
        boolean streamDefault,
        @Nullable Fields options,
        List<String> caps,
        List<String> single,
        Denial empty) {

    /** Ollama keeps option numbers as float64; beyond this range whole numbers are not exact. */
    private static final long EXACT = 1L << 53;

    private static final Shape WEIGHT = number(-1e6, 1e6);
    private static final Shape COUNT = integer(-1, 1_000_000);
    private static final Shape ROLE = oneOf("system", "user", "assistant", "tool");

    private static final Shape TOOLS = list(message(Fields.struct()
            .pass("type", oneOf("function"))
            .require(
                    "function",
                    Fields.struct()
                            .require("name", JSON_TEXT)
                            .pass("description", JSON_TEXT)
                            .pass("parameters", JSON_OBJECT)
                            .build())
            .build()));

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

    static final Fields OPTIONS = Fields.map()
            .pass("seed", integer(-EXACT, EXACT))
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

    static final Fields STREAM_OPTIONS =
            Fields.struct().pass("include_usage", BOOLEAN).build();

    private static final Shape CHAT_TOOL_CALL = message(Fields.struct()
            .pass("id", TEXT)
            .pass("type", oneOf("function"))
            .require(
                    "function",
                    Fields.struct()
                            .pass("index", integer(0, 1_000_000))
                            .require("name", JSON_TEXT)
                            .pass("arguments", JSON_OBJECT)
                            .build())
            .build());

    private static final Shape CHAT_MESSAGE = message(Fields.struct()
            .require("role", ROLE)
            .pass("content", TEXT)
            .pass("thinking", TEXT)
            .pass("images", list(BASE64_IMAGE))
            .pass("tool_calls", list(CHAT_TOOL_CALL))
            .pass("tool_name", TEXT)
            .pass("tool_call_id", TEXT)
            .build());

    private static final RequestTable CHAT = new RequestTable(
            Fields.struct()
                    .elsewhere("model", "stream", "options")
                    .pass("messages", list(CHAT_MESSAGE))
                    .pass("tools", TOOLS)
                    .pass("format", FORMAT)
                    .pass("think", booleanOr(oneOf("low", "medium", "high", "max")))
                    .pass("truncate", BOOLEAN)
                    .pass("logprobs", BOOLEAN)
                    .pass("top_logprobs", integer(0, 20))
                    .strip("keep_alive", "template", "raw", "context", "shift", "system", "_debug_render_only")
                    .build(),
            true,
            OPTIONS,
            List.of("num_predict"),
            List.of(),
            Denial.ofField(Reason.LOAD_REFUSED, "messages"));

    private static final Shape TEXT_PART = message(
            Fields.struct().require("type", oneOf("text")).require("text", TEXT).build());

    private static final Shape IMAGE_PART = message(Fields.struct()
            .require("type", oneOf("image_url"))
            .require(
                    "image_url",
                    either(DATA_URI, Fields.struct().require("url", DATA_URI).build()))
            .build());

    private static final Shape TOOL_CALL = message(Fields.struct()
            .pass("id", TEXT)
            .pass("index", integer(0, 1_000_000))
            .pass("type", oneOf("function"))
            .require(
                    "function",
                    Fields.struct()
                            .require("name", JSON_TEXT)
                            .pass("arguments", JSON_TEXT)
                            .build())
            .build());

    private static final Shape MESSAGE = message(Fields.struct()
            .require("role", ROLE)
            .pass("content", either(TEXT, list(typed("text", TEXT_PART, "image_url", IMAGE_PART))))
            .pass("reasoning", TEXT)
            .pass("tool_calls", list(TOOL_CALL))
            .pass("name", TEXT)
            .pass("tool_call_id", TEXT)
            .build());

    private static final Shape EFFORT = oneOf("none", "minimal", "low", "medium", "high", "max", "xhigh", "ultra");

    private static final Shape RESPONSE_FORMAT = Fields.struct()
            .require("type", oneOf("text", "json_object", "json_schema"))
            .pass(
                    "json_schema",
                    Fields.struct()
                            .pass("name", TEXT)
                            .pass("description", TEXT)
                            .pass("strict", BOOLEAN)
                            .require("schema", JSON_OBJECT)
                            .build())
            .build();

    private static final RequestTable CHAT_COMPLETIONS = new RequestTable(
            Fields.struct()
                    .elsewhere(
                            "model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "best_of")
                    .pass("messages", list(MESSAGE))
                    .pass("tools", TOOLS)
                    .pass("response_format", RESPONSE_FORMAT)
                    .pass("temperature", WEIGHT)
                    .pass("top_p", WEIGHT)
                    .pass("seed", integer(-EXACT, EXACT))
                    .pass("stop", STOP)
                    .pass("frequency_penalty", WEIGHT)
                    .pass("presence_penalty", WEIGHT)
                    .pass("reasoning_effort", EFFORT)
                    .pass("reasoning", Fields.struct().pass("effort", EFFORT).build())
                    .pass("logprobs", BOOLEAN)
                    .pass("top_logprobs", integer(0, 20))
                    .strip("_debug_render_only")
                    .build(),
            false,
            null,
            List.of("max_tokens", "max_completion_tokens"),
            List.of("n", "best_of"),
            Denial.ofField(Reason.MISSING_FIELD, "messages"));

    /**
     * @throws IllegalArgumentException if the endpoint takes no body
     */
    static RequestTable of(Endpoint endpoint) {
        return switch (endpoint) {
            case CHAT -> CHAT;
            case CHAT_COMPLETIONS -> CHAT_COMPLETIONS;
            case VERSION, TAGS, MODELS ->
                throw new IllegalArgumentException("endpoint: " + endpoint + " (expected: an inference endpoint)");
        };
    }
}
