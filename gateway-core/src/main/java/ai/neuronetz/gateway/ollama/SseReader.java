package ai.neuronetz.gateway.ollama;

import java.util.Arrays;

/** OpenAI's streams: {@code data:} events with a JSON object each, the last of them {@code [DONE]}. */
final class SseReader extends LineReader {

    private static final byte[] FIELD = ascii("data:");
    private static final byte[] PREFIX = ascii("data: ");
    private static final byte[] EVENT_END = ascii("\n\n");
    private static final byte[] DONE = ascii("[DONE]");

    private final FrameRules rules;

    SseReader(FrameRules rules) {
        this.rules = rules;
    }

    @Override
    public String contentType() {
        return "text/event-stream";
    }

    @Override
    public boolean accepts(String upstreamContentType) {
        return upstreamContentType.startsWith("text/event-stream");
    }

    /** Ollama sends nothing but data lines; comments and other fields are not for the client. */
    @Override
    void line(byte[] bytes, int offset, int length, Output out) {
        if (!startsWith(bytes, offset, length, FIELD)) {
            if (bytes[offset] == '{') {
                // An error object that came without its event.
                fail();
            }
            return;
        }
        int start = offset + FIELD.length;
        int end = offset + length;
        while (start < end && bytes[start] == ' ') {
            start++;
        }
        if (Arrays.equals(bytes, start, end, DONE, 0, DONE.length)) {
            out.write(PREFIX, DONE, 0, DONE.length, EVENT_END);
            finish();
            return;
        }
        FrameRules.Frame frame = rules.read(bytes, start, end - start, counts);
        byte[] rewritten = frame.rewritten();
        switch (frame.verdict()) {
            case PASS -> out.write(PREFIX, bytes, start, end - start, EVENT_END);
            case REWRITE -> {
                if (rewritten != null) {
                    out.write(PREFIX, rewritten, 0, rewritten.length, EVENT_END);
                }
            }
            case HIDE -> {}
            case FAIL -> fail();
        }
    }

    private static boolean startsWith(byte[] bytes, int offset, int length, byte[] prefix) {
        return length >= prefix.length
                && Arrays.equals(bytes, offset, offset + prefix.length, prefix, 0, prefix.length);
    }
}
