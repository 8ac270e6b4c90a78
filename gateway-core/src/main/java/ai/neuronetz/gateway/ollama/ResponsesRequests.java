package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.CommonShapes.EFFORT;
import static ai.neuronetz.gateway.ollama.CommonShapes.MAX_MESSAGES;
import static ai.neuronetz.gateway.ollama.CommonShapes.WEIGHT;
import static ai.neuronetz.gateway.ollama.Shapes.BOOLEAN;
import static ai.neuronetz.gateway.ollama.Shapes.CALL_ID;
import static ai.neuronetz.gateway.ollama.Shapes.DATA_URI;
import static ai.neuronetz.gateway.ollama.Shapes.FORMAT_TYPE;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_OBJECT;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.NAME;
import static ai.neuronetz.gateway.ollama.Shapes.SCHEMA;
import static ai.neuronetz.gateway.ollama.Shapes.TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.either;
import static ai.neuronetz.gateway.ollama.Shapes.list;
import static ai.neuronetz.gateway.ollama.Shapes.members;
import static ai.neuronetz.gateway.ollama.Shapes.message;
import static ai.neuronetz.gateway.ollama.Shapes.oneOf;
import static ai.neuronetz.gateway.ollama.Shapes.tool;
import static ai.neuronetz.gateway.ollama.Shapes.typed;

import ai.neuronetz.gateway.ollama.RequestTable.InBody;
import ai.neuronetz.gateway.ollama.RequestTable.Streaming;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Requests of {@code /v1/responses}. Ollama keeps no state, so that what refers to an earlier response is dropped like all
 * that it does not know. Source: Ollama {@code openai/responses.go}, v0.33.
 */
final class ResponsesRequests {

    private static final Shape SUMMARY = oneOf("auto", "concise", "detailed");

    private static final Shape TEXT_PART = message(Fields.struct()
            .require("type", oneOf("input_text", "output_text"))
            .require("text", TEXT)
            .build());

    private static final Shape IMAGE_PART = message(Fields.struct()
            .require("type", oneOf("input_image"))
            .pass("detail", oneOf("low", "high", "auto", "original"))
            .require("image_url", DATA_URI)
            .build());

    private static final Shape CONTENT = either(
            TEXT, list(typed(Map.of("input_text", TEXT_PART, "output_text", TEXT_PART, "input_image", IMAGE_PART))));

    private static final Shape MESSAGE = message(Fields.struct()
            .pass("type", oneOf("message"))
            .require("role", oneOf(Set.of("system", "user", "assistant"), "developer", "system"))
            .pass("content", CONTENT)
            .build());

    private static final Shape FUNCTION_CALL = message(Fields.struct()
            .require("type", oneOf("function_call"))
            .pass("id", TEXT)
            .pass("call_id", TEXT)
            .require("name", NAME)
            .pass("arguments", JSON_TEXT)
            .build());

    private static final Shape FUNCTION_OUTPUT = message(Fields.struct()
            .require("type", oneOf("function_call_output"))
            .pass("call_id", CALL_ID)
            .pass("output", CONTENT)
            .build());

    private static final Shape REASONING = message(Fields.struct()
            .require("type", oneOf("reasoning"))
            .pass("id", TEXT)
            .pass(
                    "summary",
                    list(Fields.struct()
                            .require("type", oneOf("summary_text"))
                            .pass("text", TEXT)
                            .build()))
            .pass("encrypted_content", TEXT)
            .build());

    private static final Shape ITEMS = list(
            typed(Map.of(
                    "", MESSAGE,
                    "message", MESSAGE,
                    "function_call", FUNCTION_CALL,
                    "function_call_output", FUNCTION_OUTPUT,
                    "reasoning", REASONING)),
            MAX_MESSAGES);

    private static final Shape FUNCTION = tool(Fields.struct()
            .require("type", oneOf("function"))
            .require("name", NAME)
            .pass("description", JSON_TEXT)
            .pass("strict", BOOLEAN)
            .pass("parameters", JSON_OBJECT)
            .build());

    private static final Shape NAMESPACE = message(Fields.struct()
            .require("type", oneOf("namespace"))
            .require("name", NAME)
            .pass("description", JSON_TEXT)
            .require("tools", members(FUNCTION))
            .build());

    private static final Shape TOOLS = list(tool(typed(Map.of("function", FUNCTION, "namespace", NAMESPACE))));

    private static final Shape FORMAT = Fields.struct()
            .require("type", FORMAT_TYPE)
            .pass("name", TEXT)
            .pass("schema", SCHEMA)
            .pass("strict", BOOLEAN)
            .build();

    static final RequestTable RESPONSES = RequestTable.ofOthers(
            Fields.struct()
                    .elsewhere("model", "stream", "max_output_tokens")
                    .pass("input", either(TEXT, ITEMS))
                    .pass("instructions", TEXT)
                    .pass("temperature", WEIGHT)
                    .pass("top_p", WEIGHT)
                    .pass(
                            "reasoning",
                            Fields.struct()
                                    .pass("effort", EFFORT)
                                    .pass("summary", SUMMARY)
                                    .pass("generate_summary", SUMMARY)
                                    .build())
                    .pass("text", Fields.struct().pass("format", FORMAT).build())
                    .pass("tools", TOOLS)
                    .pass("truncation", oneOf("auto", "disabled"))
                    .build(),
            Streaming.ON_REQUEST,
            new InBody(List.of("max_output_tokens")),
            List.of(),
            "input");

    private ResponsesRequests() {}
}
