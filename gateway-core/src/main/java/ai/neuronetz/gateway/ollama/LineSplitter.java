package ai.neuronetz.gateway.ollama;

/** Cuts bytes into lines, wherever they arrive cut. A line ends with LF or CR LF; neither is part of it. */
final class LineSplitter {

    /** Where lines go; the array is valid during the call only. */
    interface Lines {

        /** Takes a line, and answers whether to go on. */
        boolean line(byte[] bytes, int from, int to);
    }

    private final int maxBytes;
    private final ByteSink carry = new ByteSink();

    LineSplitter(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Passes on the lines that are complete now.
     *
     * @return false if a line is too long, or the receiver did not want to go on
     */
    boolean split(byte[] bytes, int from, int to, Lines lines) {
        int start = from;
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                if (carry.size() + (i - start) > maxBytes || !pass(bytes, start, i, lines)) {
                    return false;
                }
                start = i + 1;
            }
        }
        if (carry.size() + (to - start) > maxBytes) {
            return false;
        }
        if (start < to) {
            carry.append(bytes, start, to);
        }
        return true;
    }

    private boolean pass(byte[] bytes, int from, int to, Lines lines) {
        if (carry.size() == 0) {
            return lines.line(bytes, from, withoutReturn(bytes, from, to));
        }
        carry.append(bytes, from, to);
        boolean more = lines.line(carry.array(), 0, withoutReturn(carry.array(), 0, carry.size()));
        carry.clear();
        return more;
    }

    /** Whether a line has begun that has not ended. */
    boolean open() {
        return carry.size() > 0;
    }

    private static int withoutReturn(byte[] bytes, int from, int to) {
        return to > from && bytes[to - 1] == '\r' ? to - 1 : to;
    }
}
