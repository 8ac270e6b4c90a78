package ai.neuronetz.gateway.ollama;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes that grow. Unlike {@link java.io.ByteArrayOutputStream}, its array can be read in place and handed over. */
final class ByteSink extends OutputStream {

    private static final byte[] EMPTY = {};

    /** Arrays larger than this are not kept for the next use: thousands of streams are open at once. */
    private static final int KEEP = 8192;

    private byte[] bytes;
    private int size;

    ByteSink() {
        this(EMPTY, 0);
    }

    /** Begins with the first bytes of an array, which is not copied. */
    ByteSink(byte[] bytes, int size) {
        this.bytes = bytes;
        this.size = size;
    }

    void append(byte[] source) {
        append(source, 0, source.length);
    }

    void append(byte[] source, int from, int to) {
        int length = to - from;
        if (length > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(size + length, Math.max(512, bytes.length * 2)));
        }
        System.arraycopy(source, from, bytes, size, length);
        size += length;
    }

    @Override
    public void write(int b) {
        append(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) {
        append(source, offset, offset + length);
    }

    int size() {
        return size;
    }

    byte[] array() {
        return bytes;
    }

    void clear() {
        size = 0;
        if (bytes.length > KEEP) {
            bytes = EMPTY;
        }
    }

    /** What was written; the sink is not to be used afterwards. */
    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, 0, size);
    }
}
