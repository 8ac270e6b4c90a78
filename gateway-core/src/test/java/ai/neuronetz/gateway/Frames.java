package ai.neuronetz.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/** Frames as Ollama's native chat sends them. */
final class Frames {

    static final String TOKEN =
            "{\"model\":\"llama3:8b\",\"message\":{\"role\":\"assistant\",\"content\":\"a\"},\"done\":false}\n";
    static final String LAST =
            "{\"model\":\"llama3:8b\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,"
                    + "\"prompt_eval_count\":5,\"eval_count\":2}\n";

    private Frames() {}

    static ByteBuffer token() {
        return bytes(TOKEN);
    }

    static ByteBuffer last() {
        return bytes(LAST);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
