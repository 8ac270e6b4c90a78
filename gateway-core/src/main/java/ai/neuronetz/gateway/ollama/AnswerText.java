package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.Internal;

/**
 * What a model said, thought and called, put together as its frames pass, up to a length.
 *
 * <p>Thoughts and calls stand under a heading such as {@code [thinking]}. Thread-safe: an exchange may be closed while a
 * frame of it is read. Has no {@link Object#toString} of its own, which would bring an answer into a log.
 */
@Internal
public final class AnswerText {

    /** The headings. */
    enum Kind {
        SAID("answer"),
        THOUGHT("thinking"),
        CALLED("tool call");

        private final String heading;

        Kind(String heading) {
            this.heading = heading;
        }
    }

    private final int maxChars;
    private final StringBuilder text = new StringBuilder();
    private Kind kind = Kind.SAID;
    private int begin;
    private boolean cut;
    private boolean taken;

    /** @param maxChars beyond which nothing is kept */
    public AnswerText(int maxChars) {
        this.maxChars = maxChars;
    }

    synchronized int room() {
        return taken ? 0 : maxChars - text.length();
    }

    synchronized void append(Kind next, CharSequence piece) {
        if (taken) {
            return;
        }
        if (next != kind) {
            endPart();
            text.append(text.isEmpty() ? "[" : "\n\n[").append(next.heading).append("]\n");
            kind = next;
            begin = text.length();
        }
        text.append(piece);
        if (text.length() > maxChars) {
            text.setLength(maxChars);
            cut = true;
        }
    }

    /** Arguments of a call are text that holds JSON, which may come in pieces: only now can it be read. */
    private void endPart() {
        if (kind == Kind.CALLED && begin < text.length()) {
            String called = JsonEscapes.decode(text.substring(begin));
            text.setLength(begin);
            text.append(called);
        }
    }

    /** Takes the text; nothing is added any more. */
    public synchronized String take() {
        if (!taken) {
            endPart();
            taken = true;
        }
        return text.toString();
    }

    /** Whether there was more. */
    public synchronized boolean cut() {
        return cut;
    }
}
