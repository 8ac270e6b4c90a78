package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.CommonShapes.COUNT;
import static ai.neuronetz.gateway.ollama.CommonShapes.MAX_MESSAGES;
import static ai.neuronetz.gateway.ollama.CommonShapes.WEIGHT;
import static ai.neuronetz.gateway.ollama.Shapes.BASE64_IMAGE;
import static ai.neuronetz.gateway.ollama.Shapes.BOOLEAN;
import static ai.neuronetz.gateway.ollama.Shapes.CALL_ID;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_OBJECT;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.NAME;
import static ai.neuronetz.gateway.ollama.Shapes.STOP;
import static ai.neuronetz.gateway.ollama.Shapes.TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.either;
import static ai.neuronetz.gateway.ollama.Shapes.list;
import static ai.neuronetz.gateway.ollama.Shapes.message;
import static ai.neuronetz.gateway.ollama.Shapes.oneOf;
import static ai.neuronetz.gateway.ollama.Shapes.tool;
import static ai.neuronetz.gateway.ollama.Shapes.typed;

import ai.neuronetz.gateway.ollama.RequestTable.InBody;
import ai.neuronetz.gateway.ollama.RequestTable.Streaming;
import java.util.List;
import java.util.Map;

/** Requests of {@code /v1/messages}. Source: Ollama {@code anthropic/anthropic.go}, v0.33. */
final class AnthropicRequests {

    private static final Shape TEXT_BLOCK = message(
            Fields.struct().require("type", oneOf("text")).require("text", TEXT).build());

    private static final Shape IMAGE_BLOCK = message(Fields.struct()
            .require("type", oneOf("image"))
            .require(
                    "source",
                    Fields.struct()
                            .require("type", oneOf("base64"))
                            .pass("media_type", oneOf("image/jpeg", "image/png", "image/gif", "image/webp"))
                            .require("data", BASE64_IMAGE)
                            .build())
            .build());

    private static final Shape THINKING_BLOCK = message(Fields.struct()
            .require("type", oneOf("thinking"))
            .require("thinking", TEXT)
            .pass("signature", TEXT)
            .build());

    private static final Shape TOOL_USE_BLOCK = message(Fields.struct()
            .require("type", oneOf("tool_use"))
            .require("id", TEXT)
            .require("name", NAME)
            .pass("input", JSON_OBJECT)
            .build());

    private static final Shape TOOL_RESULT_BLOCK = message(Fields.struct()
            .require("type", oneOf("tool_result"))
            .require("tool_use_id", CALL_ID)
            .pass("content", either(TEXT, list(typed(Map.of("text", TEXT_BLOCK, "image", IMAGE_BLOCK)))))
            .pass("is_error", BOOLEAN)
            .build());

    private static final Shape BLOCK = typed(Map.of(
            "text", TEXT_BLOCK,
            "image", IMAGE_BLOCK,
            "thinking", THINKING_BLOCK,
            "tool_use", TOOL_USE_BLOCK,
            "tool_result", TOOL_RESULT_BLOCK));

    private static final Shape MESSAGE = message(Fields.struct()
            .require("role", oneOf("user", "assistant"))
            .require("content", either(TEXT, list(BLOCK)))
            .build());

    private static final Shape TOOL = tool(Fields.struct()
            .pass("type", oneOf("custom"))
            .require("name", NAME)
            .pass("description", JSON_TEXT)
            .pass("input_schema", JSON_OBJECT)
            .build());

    static final RequestTable MESSAGES = RequestTable.ofOthers(
            Fields.struct()
                    .elsewhere("model", "stream", "max_tokens")
                    .pass("messages", list(MESSAGE, MAX_MESSAGES))
                    .pass("system", either(TEXT, list(typed(Map.of("text", TEXT_BLOCK)))))
                    .pass("temperature", WEIGHT)
                    .pass("top_p", WEIGHT)
                    .pass("top_k", COUNT)
                    .pass("stop_sequences", STOP)
                    .pass("tools", list(TOOL))
                    .pass(
                            "thinking",
                            Fields.struct()
                                    .require("type", oneOf("enabled", "disabled", "adaptive"))
                                    .build())
                    .pass(
                            "output_config",
                            Fields.struct()
                                    .pass("effort", oneOf("low", "medium", "high", "xhigh", "max"))
                                    .build())
                    .build(),
            Streaming.ON_REQUEST,
            new InBody(List.of("max_tokens")),
            List.of(),
            "messages");

    private AnthropicRequests() {}
}
