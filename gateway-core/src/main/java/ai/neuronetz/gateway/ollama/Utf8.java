package ai.neuronetz.gateway.ollama;

/** The length text has in UTF-8, without encoding it. */
final class Utf8 {

    private Utf8() {}

    static long length(CharSequence text) {
        long length = text.length();
        for (int i = 0; i < text.length(); i++) {
            length += surplus(text.charAt(i));
        }
        return length;
    }

    static long length(char[] text, int offset, int count) {
        long length = count;
        for (int i = offset; i < offset + count; i++) {
            length += surplus(text[i]);
        }
        return length;
    }

    /** Bytes beyond the first; a surrogate pair is four bytes, two to each half. */
    private static int surplus(char c) {
        if (c < 0x80) {
            return 0;
        }
        return c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
}
