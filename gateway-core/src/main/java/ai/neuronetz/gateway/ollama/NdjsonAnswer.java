package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Reason;

/** A native stream: one JSON object per line. */
final class NdjsonAnswer extends AnswerReader {

    private static final byte[] LINE_END = {'\n'};

    private final LineSplitter splitter = new LineSplitter(MAX_FRAME_BYTES);

    NdjsonAnswer(FrameInspector inspector) {
        super(inspector);
    }

    @Override
    void accept(byte[] bytes, int from, int to) {
        if (!splitter.split(bytes, from, to, this::line) && !failed()) {
            fail(Reason.UPSTREAM_ERROR);
        }
    }

    private boolean line(byte[] bytes, int from, int to) {
        // What comes after the final frame is none of the client's business, and must not change the count.
        if (from < to && !finished()) {
            frame(bytes, from, to);
        }
        return !failed();
    }

    @Override
    void endFrame() {
        forward(LINE_END);
    }

    @Override
    void acceptEnd() {
        // An object says itself where it ends; a last line without its end is whole, or else the answer was cut.
        if (splitter.open()) {
            accept(LINE_END, 0, 1);
            if (failed() && !finished()) {
                fail(Reason.UPSTREAM_INCOMPLETE);
            }
        }
    }
}
