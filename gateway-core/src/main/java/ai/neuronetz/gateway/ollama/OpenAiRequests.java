package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.CommonShapes.DIMENSIONS;
import static ai.neuronetz.gateway.ollama.CommonShapes.EFFORT;
import static ai.neuronetz.gateway.ollama.CommonShapes.EMBEDDED;
import static ai.neuronetz.gateway.ollama.CommonShapes.FUNCTIONS;
import static ai.neuronetz.gateway.ollama.CommonShapes.LOGPROBS;
import static ai.neuronetz.gateway.ollama.CommonShapes.MAX_MESSAGES;
import static ai.neuronetz.gateway.ollama.CommonShapes.ROLE;
import static ai.neuronetz.gateway.ollama.CommonShapes.SEED;
import static ai.neuronetz.gateway.ollama.CommonShapes.WEIGHT;
import static ai.neuronetz.gateway.ollama.Shapes.BOOLEAN;
import static ai.neuronetz.gateway.ollama.Shapes.CALL_ID;
import static ai.neuronetz.gateway.ollama.Shapes.DATA_URI;
import static ai.neuronetz.gateway.ollama.Shapes.FORMAT_TYPE;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.NAME;
import static ai.neuronetz.gateway.ollama.Shapes.SCHEMA;
import static ai.neuronetz.gateway.ollama.Shapes.STOP;
import static ai.neuronetz.gateway.ollama.Shapes.TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.either;
import static ai.neuronetz.gateway.ollama.Shapes.integer;
import static ai.neuronetz.gateway.ollama.Shapes.list;
import static ai.neuronetz.gateway.ollama.Shapes.message;
import static ai.neuronetz.gateway.ollama.Shapes.oneOf;
import static ai.neuronetz.gateway.ollama.Shapes.typed;

import ai.neuronetz.gateway.ollama.RequestTable.InBody;
import ai.neuronetz.gateway.ollama.RequestTable.NoOutput;
import ai.neuronetz.gateway.ollama.RequestTable.Streaming;
import java.util.List;
import java.util.Map;

/** Requests of OpenAI's endpoints but {@code /v1/responses}. Source: Ollama {@code openai/openai.go}, v0.33. */
final class OpenAiRequests {

    static final Fields STREAM_OPTIONS =
            Fields.struct().pass("include_usage", BOOLEAN).build();

    private static final List<String> SINGLE = List.of("n", "best_of");

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
                            .require("name", NAME)
                            .pass("arguments", JSON_TEXT)
                            .build())
            .build());

    private static final Shape MESSAGE = message(Fields.struct()
            .require("role", ROLE)
            .pass("content", either(TEXT, list(typed(Map.of("text", TEXT_PART, "image_url", IMAGE_PART)))))
            .pass("reasoning", TEXT)
            .pass("tool_calls", list(TOOL_CALL))
            .pass("name", NAME)
            .pass("tool_call_id", CALL_ID)
            .build());

    private static final Shape RESPONSE_FORMAT = Fields.struct()
            .require("type", FORMAT_TYPE)
            .pass(
                    "json_schema",
                    Fields.struct()
                            .pass("name", TEXT)
                            .pass("description", TEXT)
                            .pass("strict", BOOLEAN)
                            .require("schema", SCHEMA)
                            .build())
            .build();

    static final RequestTable CHAT_COMPLETIONS = RequestTable.ofOthers(
            generating()
                    .elsewhere("max_completion_tokens")
                    .pass("messages", list(MESSAGE, MAX_MESSAGES))
                    .pass("tools", FUNCTIONS)
                    .pass("response_format", RESPONSE_FORMAT)
                    .pass("reasoning_effort", EFFORT)
                    .pass("reasoning", Fields.struct().pass("effort", EFFORT).build())
                    .pass("logprobs", BOOLEAN)
                    .pass("top_logprobs", LOGPROBS)
                    .build(),
            Streaming.ON_REQUEST_WITH_USAGE,
            new InBody(List.of("max_tokens", "max_completion_tokens")),
            SINGLE,
            "messages");

    static final RequestTable COMPLETIONS = RequestTable.ofOthers(
            generating()
                    .pass("prompt", TEXT)
                    .pass("suffix", TEXT)
                    .pass("logprobs", LOGPROBS)
                    .build(),
            Streaming.ON_REQUEST_WITH_USAGE,
            new InBody(List.of("max_tokens")),
            SINGLE,
            "prompt");

    static final RequestTable EMBEDDINGS = RequestTable.ofOthers(
            Fields.struct()
                    .elsewhere("model")
                    .pass("input", EMBEDDED)
                    .pass("dimensions", DIMENSIONS)
                    .pass("encoding_format", oneOf("float", "base64"))
                    .build(),
            Streaming.NEVER,
            new NoOutput(),
            List.of(),
            "input");

    private OpenAiRequests() {}

    private static Fields.Builder generating() {
        return Fields.struct()
                .elsewhere("model", "stream", "stream_options", "max_tokens", "n", "best_of")
                .pass("temperature", WEIGHT)
                .pass("top_p", WEIGHT)
                .pass("seed", SEED)
                .pass("stop", STOP)
                .pass("frequency_penalty", WEIGHT)
                .pass("presence_penalty", WEIGHT)
                .strip("_debug_render_only");
    }
}
