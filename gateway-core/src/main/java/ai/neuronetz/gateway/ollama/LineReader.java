package ai.neuronetz.gateway.ollama;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Reads answers that come in lines. */
abstract class LineReader extends AnswerReader {

    /** A longer line is no frame; it would only grow. */
    static final int MAX_LINE = 1 << 20;

    private final FrameBuffer buffer = new FrameBuffer();

    @Override
    public final ByteBuffer feed(ByteBuffer bytes) {
        if (!open()) {
            return NOTHING;
        }
        buffer.add(bytes);
        Output out = new Output(bytes.limit() + 64);
        for (int end = buffer.lineEnd(); open() && end >= 0; end = buffer.lineEnd()) {
            line(buffer.start(), end, out);
            buffer.skipTo(end + 1);
        }
        if (open() && buffer.waiting() > MAX_LINE) {
            fail();
        }
        return out.toBuffer();
    }

    /** A last line may lack its line break. */
    @Override
    public final ByteBuffer end() {
        return buffer.waiting() == 0 ? NOTHING : feed(ByteBuffer.wrap(ascii("\n")));
    }

    private void line(int from, int to, Output out) {
        byte[] bytes = buffer.array();
        int start = from;
        int end = to;
        while (start < end && bytes[start] <= ' ' && bytes[start] >= 0) {
            start++;
        }
        while (end > start && bytes[end - 1] <= ' ' && bytes[end - 1] >= 0) {
            end--;
        }
        if (start < end) {
            line(bytes, start, end - start, out);
        }
    }

    /** Takes in one line that is not blank, without white space around it. */
    abstract void line(byte[] bytes, int offset, int length, Output out);

    /** Frames on their way to the client, gathered into one write. */
    static final class Output extends ByteArrayOutputStream {

        Output(int size) {
            super(size);
        }

        void write(byte[] prefix, byte[] bytes, int offset, int length, byte[] suffix) {
            write(prefix, 0, prefix.length);
            write(bytes, offset, length);
            write(suffix, 0, suffix.length);
        }

        ByteBuffer toBuffer() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }
}
