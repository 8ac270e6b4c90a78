package ai.neuronetz.gateway.prompts;

/** How much of a text is kept, and what is not because it may have been cut in two. */
final class BoundedText {

    /** What is kept at most, in characters. */
    static final int KEPT_CHARS = 64 << 10;

    /** What is read beyond that, so that a secret at the end is seen whole or is not kept. */
    static final int MARGIN_CHARS = 4 << 10;

    static final int READ_CHARS = KEPT_CHARS + MARGIN_CHARS;

    private static final char REPLACEMENT = '\uFFFD';

    private final String text;
    private final boolean cut;

    private BoundedText(String text, boolean cut) {
        this.text = text;
        this.cut = cut;
    }

    /** @param cut whether the text that was redacted was itself cut */
    static BoundedText ofRedacted(String redacted, boolean cut) {
        int sound = cut ? Math.max(0, redacted.length() - MARGIN_CHARS) : redacted.length();
        int kept = Math.min(sound, KEPT_CHARS);
        return new BoundedText(storable(redacted.substring(0, kept)), cut || kept < sound);
    }

    String text() {
        return text;
    }

    boolean cut() {
        return cut;
    }

    /** No store takes NUL, or half of a pair of surrogates. */
    private static String storable(String text) {
        StringBuilder storable = new StringBuilder(text);
        for (int i = 0; i < storable.length(); i++) {
            char c = storable.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < storable.length()
                    && Character.isLowSurrogate(storable.charAt(i + 1));
            if (pair) {
                i++;
            } else if (c == 0 || Character.isSurrogate(c)) {
                storable.setCharAt(i, REPLACEMENT);
            }
        }
        return storable.toString();
    }
}
