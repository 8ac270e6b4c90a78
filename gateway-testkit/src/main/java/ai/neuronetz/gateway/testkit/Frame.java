package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Supplier;

/**
 * One NDJSON line or one SSE event, rendered when it is due.
 *
 * @param tokens how many generated tokens it carries
 * @param paced false if it follows the frame before it without delay
 */
record Frame(int tokens, boolean paced, Supplier<String> text) {
    static Frame line(int tokens, Supplier<ObjectNode> json) {
        return new Frame(tokens, true, () -> Json.write(json.get()) + "\n");
    }

    static Frame data(int tokens, boolean paced, Supplier<ObjectNode> json) {
        return new Frame(tokens, paced, () -> "data: " + Json.write(json.get()) + "\n\n");
    }

    static Frame event(int tokens, boolean paced, String name, Supplier<ObjectNode> json) {
        return new Frame(tokens, paced, () -> "event: " + name + "\ndata: " + Json.write(json.get()) + "\n\n");
    }
}
