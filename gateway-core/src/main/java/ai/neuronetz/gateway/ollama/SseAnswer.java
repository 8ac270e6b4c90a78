package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.US_ASCII;

import ai.neuronetz.gateway.exchange.Reason;
import java.util.Arrays;

/** A stream of server-sent events. Their names are written anew from the frames, as is the {@code [DONE]} that ends some dialects'. */
final class SseAnswer extends AnswerReader {

    private static final byte[] PREFIX = "data: ".getBytes(US_ASCII);
    private static final byte[] FIELD = "data:".getBytes(US_ASCII);
    private static final byte[] EVENT = "event:".getBytes(US_ASCII);
    private static final byte[] EVENT_END = "\n\n".getBytes(US_ASCII);
    private static final byte[] LINE_END = {'\n'};
    private static final byte[] DONE = "[DONE]".getBytes(US_ASCII);
    private static final byte[] DONE_EVENT = "data: [DONE]\n\n".getBytes(US_ASCII);

    private final LineSplitter splitter = new LineSplitter(MAX_FRAME_BYTES);
    private final ByteSink data = new ByteSink();
    private final boolean doneEnds;

    /**
     * @param doneEnds whether {@code [DONE]} ends the stream, and not one of its frames
     */
    SseAnswer(FrameInspector inspector, boolean doneEnds) {
        super(inspector);
        this.doneEnds = doneEnds;
    }

    @Override
    void accept(byte[] bytes, int from, int to) {
        if (!splitter.split(bytes, from, to, this::line) && !failed()) {
            fail(Reason.UPSTREAM_ERROR);
        }
    }

    private boolean line(byte[] bytes, int from, int to) {
        if (finished()) {
            return true;
        }
        if (from == to) {
            event();
        } else if (startsWith(bytes, from, to, FIELD)) {
            int start = from + FIELD.length;
            start += start < to && bytes[start] == ' ' ? 1 : 0;
            if (data.size() > 0) {
                data.append(LINE_END);
            }
            data.append(bytes, start, to);
            if (data.size() > MAX_FRAME_BYTES) {
                fail(Reason.UPSTREAM_ERROR);
            }
        } else if (!startsWith(bytes, from, to, EVENT) && bytes[from] != ':') {
            // Ollama sends neither ids nor retry times; a line of plain text is no stream at all.
            fail(Reason.UPSTREAM_ERROR);
        }
        return !failed();
    }

    private void event() {
        byte[] bytes = data.array();
        int size = data.size();
        if (size == 0) {
            return;
        }
        if (doneEnds && size == DONE.length && startsWith(bytes, 0, size, DONE)) {
            forward(DONE_EVENT);
            terminate();
        } else {
            frame(bytes, 0, size);
        }
        data.clear();
    }

    @Override
    void beginFrame(String eventName) {
        if (!eventName.isEmpty()) {
            forward(("event: " + eventName + "\n").getBytes(US_ASCII));
        }
        forward(PREFIX);
    }

    @Override
    void endFrame() {
        forward(EVENT_END);
    }

    @Override
    void acceptEnd() {
        if (splitter.open() || data.size() > 0) {
            accept(EVENT_END, 0, EVENT_END.length);
            if (failed() && !finished()) {
                fail(Reason.UPSTREAM_INCOMPLETE);
            }
        }
    }

    private static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
        return to - from >= prefix.length && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }
}
