package ai.neuronetz.gateway.ollama;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Cuts a byte stream into lines, wherever its chunks were cut. Keeps only what is not yet a whole line. */
final class FrameBuffer {

    private byte[] bytes = new byte[1024];
    private int start;
    private int end;
    private int scanned;

    void add(ByteBuffer chunk) {
        int more = chunk.remaining();
        if (start > 0) {
            System.arraycopy(bytes, start, bytes, 0, end - start);
            end -= start;
            scanned -= start;
            start = 0;
        }
        if (end + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end + more, bytes.length * 2));
        }
        chunk.get(bytes, end, more);
        end += more;
    }

    /** Where the next whole line ends, which is where its line break stands; -1 if there is none yet. */
    int lineEnd() {
        for (int i = scanned; i < end; i++) {
            if (bytes[i] == '\n') {
                scanned = i;
                return i;
            }
        }
        scanned = end;
        return -1;
    }

    byte[] array() {
        return bytes;
    }

    /** Where the next line begins. */
    int start() {
        return start;
    }

    /** Bytes that are not yet a whole line. */
    int waiting() {
        return end - start;
    }

    /** Goes on behind a line and its line break. */
    void skipTo(int position) {
        start = position;
        scanned = position;
    }
}
