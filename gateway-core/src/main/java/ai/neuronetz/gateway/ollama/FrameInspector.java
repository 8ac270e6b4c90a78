package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.ollama.TokenCount.Unusable;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges frames of one dialect, one JSON object each, and keeps the count of what they carried. */
abstract class FrameInspector {

    /** What is to become of a frame. */
    enum Verdict {
        FORWARD,
        /** Write it anew with the keys that are {@linkplain #kept kept}. */
        REWRITE,
        /** Not for this client. */
        HIDE,
        /** It is an error, or nothing that Ollama sends; the answer ends here. */
        FAIL
    }

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
            .build();

    /** A count with more digits is none. */
    private static final int MAX_COUNT_DIGITS = 15;

    private final Set<String> known;
    private boolean finished;
    private TokenCount inputTokens = Unusable.MISSING;
    private TokenCount outputTokens = Unusable.MISSING;
    private long frames;
    private long outputBytes;
    private long thoughtFrames;
    private long thoughtBytes;
    private @Nullable AnswerText capture;

    FrameInspector(Set<String> known) {
        this.known = known;
    }

    /** Has the text of sound frames put there. */
    final void capture(AnswerText text) {
        capture = text;
    }

    /** Does not throw. The counts change only if the whole frame is sound. */
    final Verdict inspect(byte[] bytes, int from, int to) {
        if (!looksLikeObject(bytes, from, to)) {
            return Verdict.FAIL;
        }
        try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
            parser.nextToken();
            Frame frame = new Frame(capture == null ? 0 : capture.room());
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                parser.nextToken();
                if (key.equals("error") && parser.currentToken() != JsonToken.VALUE_NULL) {
                    return Verdict.FAIL;
                }
                if (known.contains(key)) {
                    field(key, parser, frame);
                } else {
                    frame.foreign = true;
                    parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                return Verdict.FAIL;
            }
            return conclude(frame);
        } catch (IOException | IllegalStateException garbage) {
            return Verdict.FAIL;
        }
    }

    /**
     * Reads the value of one known key; leaves the parser at the value's last token.
     */
    abstract void field(String key, JsonParser parser, Frame frame) throws IOException;

    /** All keys were read: judges the frame and adds what it carried. */
    abstract Verdict conclude(Frame frame);

    /** The name that the last frame has as a server-sent event; empty in a dialect whose events have none. */
    String eventName() {
        return "";
    }

    /** Takes the members of an object one by one. */
    interface Members {
        /** Leaves the parser at the last token of the member's value, at whose first it is. */
        void member(String key, JsonParser parser) throws IOException;
    }

    /** Reads an object; any other value says nothing. */
    static void members(JsonParser parser, Members members) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            members.member(key, parser);
        }
    }

    /** Reads an object that reports tokens under these names. */
    static void usage(JsonParser parser, Frame frame, String input, String output) throws IOException {
        frame.usage |= parser.currentToken() == JsonToken.START_OBJECT;
        members(parser, (key, value) -> {
            if (key.equals(input)) {
                frame.inputTokens = count(value);
            } else if (key.equals(output)) {
                frame.outputTokens = count(value);
            } else {
                value.skipChildren();
            }
        });
    }

    /** Whether a key goes to the client when a frame is written anew. */
    boolean kept(String key) {
        return known.contains(key);
    }

    /** Writes a frame anew that was judged {@link Verdict#REWRITE}. */
    final void rewrite(byte[] bytes, int from, int to, ByteSink sink) {
        try (JsonParser parser = FACTORY.createParser(bytes, from, to - from);
                JsonGenerator json = FACTORY.createGenerator(sink)) {
            parser.nextToken();
            json.writeStartObject();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                parser.nextToken();
                if (kept(key)) {
                    json.writeFieldName(key);
                    json.copyCurrentStructure(parser);
                } else {
                    parser.skipChildren();
                }
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a frame that could be read cannot be written", impossible);
        }
    }

    final void add(Frame frame) {
        add(frame, null);
    }

    /** @param kind of its text, or null if that is as it was read */
    final void add(Frame frame, AnswerText.@Nullable Kind kind) {
        if (capture != null) {
            frame.appendTo(capture, kind);
        }
        if (frame.outputBytes > 0) {
            frames++;
            outputBytes += frame.outputBytes;
        }
        if (frame.thoughtBytes > 0) {
            thoughtFrames++;
            thoughtBytes += frame.thoughtBytes;
        }
    }

    final void report(TokenCount input, TokenCount output) {
        inputTokens = input;
        outputTokens = output;
    }

    final void terminate() {
        finished = true;
    }

    final boolean finished() {
        return finished;
    }

    final TokenCount inputTokens() {
        return inputTokens;
    }

    final TokenCount outputTokens() {
        return outputTokens;
    }

    final long frames() {
        return frames;
    }

    final long outputBytes() {
        return outputBytes;
    }

    final long thoughtFrames() {
        return thoughtFrames;
    }

    final long thoughtBytes() {
        return thoughtBytes;
    }

    /** The count that the value is, whatever the value. */
    static TokenCount count(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_NUMBER_INT) {
            parser.skipChildren();
            return token == JsonToken.VALUE_NULL ? Unusable.MISSING : Unusable.MALFORMED;
        }
        if (parser.getTextCharacters()[parser.getTextOffset()] == '-') {
            return Unusable.NEGATIVE;
        }
        if (parser.getTextLength() > MAX_COUNT_DIGITS) {
            return Unusable.HUGE;
        }
        long tokens = parser.getLongValue();
        return tokens == 0 ? Unusable.MISSING : new TokenCount.Stated(tokens);
    }

    /** Jackson would also read UTF-16 and skip a byte order mark; the client might not. */
    private static boolean looksLikeObject(byte[] bytes, int from, int to) {
        if (to - from < 2 || bytes[from] != '{' || bytes[from + 1] == 0) {
            return false;
        }
        for (int i = from; i < to; i++) {
            // Clients split lines at a carriage return as well.
            if (bytes[i] == '\r') {
                return false;
            }
        }
        return true;
    }
}
