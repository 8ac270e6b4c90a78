package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.Script.Fault;
import java.nio.charset.StandardCharsets;

/** Frames and bodies that no client should have to read. */
final class Garbage {
    private Garbage() {}

    /** One line or one event. */
    static byte[] frame(Fault fault, Dialect dialect) {
        boolean lines = dialect.streamType().contains("ndjson");
        return latin1((lines ? "" : "data: ") + text(fault) + (lines ? "\n" : "\n\n"));
    }

    static byte[] whole(Fault fault) {
        return latin1(text(fault));
    }

    private static String text(Fault fault) {
        return switch (fault.kind()) {
            // A lead byte of two, and no second.
            case INVALID_UTF8 -> "{\"model\":\"m\",\"response\":\"\u00c3(\"}";
            case OVERSIZED -> "{\"model\":\"m\",\"response\":\"" + "a".repeat(fault.size()) + "\"}";
            default -> "{\"model\":\"m\",<>";
        };
    }

    /** Each character is one byte. */
    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
