package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Reason;

/** An answer that is not a stream: one JSON object, held back until it is known to be one. */
final class WholeAnswer extends AnswerReader {

    private ByteSink body = new ByteSink();
    private long unread;

    WholeAnswer(FrameInspector inspector) {
        super(inspector);
    }

    @Override
    void accept(byte[] bytes, int from, int to) {
        if (to - from > MAX_WHOLE_BYTES - body.size()) {
            fail(Reason.UPSTREAM_ERROR);
        } else {
            body.append(bytes, from, to);
            unread = body.size();
        }
    }

    @Override
    public long thoughts() {
        return inspector.thoughtBytes();
    }

    @Override
    long unreadBytes() {
        return unread;
    }

    /** Up to 16 MiB are not copied. */
    @Override
    void forwardFrame(byte[] bytes, int from, int to) {
        handOver(bytes, to);
    }

    @Override
    void acceptEnd() {
        byte[] bytes = body.array();
        int to = body.size();
        while (to > 0 && (bytes[to - 1] == '\n' || bytes[to - 1] == '\r')) {
            to--;
        }
        frame(bytes, 0, to);
        body = new ByteSink();
        unread = failed() ? unread : 0;
        if (!failed() && !finished()) {
            // 200 with done:false is what Ollama makes of a generation it gave up (its guard against repetition).
            withdraw();
            fail(Reason.UPSTREAM_INCOMPLETE);
        }
    }
}
