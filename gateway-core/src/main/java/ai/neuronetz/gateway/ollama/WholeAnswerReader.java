package ai.neuronetz.gateway.ollama;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** An answer that is one JSON object. */
final class WholeAnswerReader extends AnswerReader {

    /** Far more than the longest capped answer with all its log probabilities; a longer one is no answer. */
    static final int MAX_ANSWER = 32 << 20;

    private final FrameRules rules;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    WholeAnswerReader(FrameRules rules) {
        this.rules = rules;
    }

    @Override
    public String contentType() {
        return "application/json; charset=utf-8";
    }

    @Override
    public boolean accepts(String upstreamContentType) {
        return upstreamContentType.startsWith("application/json");
    }

    @Override
    public ByteBuffer feed(ByteBuffer chunk) {
        if (bytes.size() + chunk.remaining() > MAX_ANSWER) {
            fail();
        }
        if (open()) {
            byte[] more = new byte[chunk.remaining()];
            chunk.get(more);
            bytes.writeBytes(more);
        }
        return NOTHING;
    }

    @Override
    public ByteBuffer end() {
        if (!open()) {
            return NOTHING;
        }
        byte[] whole = bytes.toByteArray();
        FrameRules.Frame answer = rules.read(whole, 0, whole.length, counts);
        if (answer.verdict() == FrameRules.Verdict.FAIL || !answer.last()) {
            fail();
            return NOTHING;
        }
        finish();
        byte[] rewritten = answer.rewritten();
        return ByteBuffer.wrap(rewritten == null ? whole : rewritten);
    }
}
