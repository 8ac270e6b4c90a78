package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.Shapes.JSON_OBJECT;
import static ai.neuronetz.gateway.ollama.Shapes.JSON_TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.NAME;
import static ai.neuronetz.gateway.ollama.Shapes.TEXT;
import static ai.neuronetz.gateway.ollama.Shapes.either;
import static ai.neuronetz.gateway.ollama.Shapes.integer;
import static ai.neuronetz.gateway.ollama.Shapes.list;
import static ai.neuronetz.gateway.ollama.Shapes.message;
import static ai.neuronetz.gateway.ollama.Shapes.number;
import static ai.neuronetz.gateway.ollama.Shapes.oneOf;
import static ai.neuronetz.gateway.ollama.Shapes.tool;

import java.util.Set;

/** Fields that mean the same at several endpoints. */
final class CommonShapes {

    /** Ollama keeps option numbers as float64; beyond this range whole numbers are not exact. */
    private static final long EXACT = 1L << 53;

    /** Each text costs Ollama a call to its engine of its own. */
    private static final int MAX_EMBEDDED = 256;

    /** Ollama renders all of them again for each that it has to leave out. */
    static final int MAX_MESSAGES = 1024;

    static final Shape WEIGHT = number(-1e6, 1e6);
    static final Shape COUNT = integer(-1, 1_000_000);
    static final Shape SEED = integer(-EXACT, EXACT);
    static final Shape LOGPROBS = integer(0, 20);
    static final Shape DIMENSIONS = integer(1, 65_536);

    /** Not every template knows a developer; all know the system. */
    static final Shape ROLE = oneOf(Set.of("system", "user", "assistant", "tool"), "developer", "system");

    static final Shape EFFORT = oneOf("none", "minimal", "low", "medium", "high", "max", "xhigh", "ultra");

    /** Texts to embed: one, or a list. */
    static final Shape EMBEDDED = either(TEXT, list(message(TEXT), MAX_EMBEDDED));

    /** Functions, as Ollama and OpenAI's chat describe them. */
    static final Shape FUNCTIONS = list(tool(Fields.struct()
            .pass("type", oneOf("function"))
            .require(
                    "function",
                    Fields.struct()
                            .require("name", NAME)
                            .pass("description", JSON_TEXT)
                            .pass("parameters", JSON_OBJECT)
                            .build())
            .build()));

    private CommonShapes() {}
}
