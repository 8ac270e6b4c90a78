package ai.neuronetz.gateway.ollama;

/** Ollama's own streams: a JSON object a line, the last of them with {@code "done": true}. */
final class NdjsonReader extends LineReader {

    private static final byte[] NO_PREFIX = new byte[0];
    private static final byte[] LINE_BREAK = ascii("\n");

    private final FrameRules rules;

    NdjsonReader(FrameRules rules) {
        this.rules = rules;
    }

    @Override
    public String contentType() {
        return "application/x-ndjson";
    }

    /** Ollama answers a few streamed requests with a single object under the plain type. */
    @Override
    public boolean accepts(String upstreamContentType) {
        return upstreamContentType.startsWith("application/x-ndjson")
                || upstreamContentType.startsWith("application/json");
    }

    @Override
    void line(byte[] bytes, int offset, int length, Output out) {
        FrameRules.Frame frame = rules.read(bytes, offset, length, counts);
        byte[] rewritten = frame.rewritten();
        switch (frame.verdict()) {
            case PASS -> out.write(NO_PREFIX, bytes, offset, length, LINE_BREAK);
            case REWRITE -> {
                if (rewritten != null) {
                    out.write(NO_PREFIX, rewritten, 0, rewritten.length, LINE_BREAK);
                }
            }
            case HIDE -> {}
            case FAIL -> fail();
        }
        if (frame.last()) {
            finish();
        }
    }
}
