package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.ollama.AnswerText.Kind;
import ai.neuronetz.gateway.ollama.TokenCount.Unusable;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was read of one frame. */
final class Frame {

    /** Members whose value says nothing that a model generated. */
    private static final Set<String> FORMAL =
            Set.of("type", "id", "index", "signature", "status", "annotations", "logprobs", "role", "call_id");

    /** Members whose value says what it is without their name. */
    private static final Set<String> PLAIN =
            Set.of("text", "content", "function", "name", "arguments", "input", "summary");

    /** Members whose own members are not the dialect's. */
    private static final Set<String> ARGUMENTS = Set.of("arguments", "input");

    private static final int NOWHERE = Integer.MAX_VALUE;

    /** There is a key that no client should see. */
    boolean foreign;

    /** The key is there without which it is no frame. */
    boolean sound;

    boolean last;
    boolean failed;
    boolean empty;
    boolean usage;
    long outputBytes;

    /** Those of the output's that are thoughts. */
    long thoughtBytes;

    /** What kind of frame it says it is. */
    String type = "";

    TokenCount inputTokens = Unusable.MISSING;
    TokenCount outputTokens = Unusable.MISSING;

    private final int room;
    private @Nullable List<Piece> pieces;

    private record Piece(Kind kind, StringBuilder text) {}

    /** @param room how many characters of its output are wanted as text; 0 for none */
    Frame(int room) {
        this.room = room;
    }

    /** Reads a value that the model generated. */
    void output(Kind kind, JsonParser parser) throws IOException {
        output(kind, "", parser);
    }

    /** As the other one, of a member whose name matters to a reader of the text. */
    void output(Kind kind, String member, JsonParser parser) throws IOException {
        outputBytes += read(kind, member, parser);
    }

    /** Reads a value that the model thought, where thoughts are counted. */
    void thought(JsonParser parser) throws IOException {
        long bytes = read(Kind.THOUGHT, "", parser);
        outputBytes += bytes;
        thoughtBytes += bytes;
    }

    /**
     * Hands on the text that was wanted.
     *
     * @param kind of all of it, or null if that is as it was read
     */
    void appendTo(AnswerText text, @Nullable Kind kind) {
        if (pieces != null) {
            for (Piece piece : pieces) {
                if (!piece.text().isEmpty()) {
                    text.append(kind == null ? piece.kind() : kind, piece.text());
                }
            }
        }
    }

    /** Counts the bytes of the string or of all strings and numbers inside the value at which the parser is. */
    private long read(Kind kind, String of, JsonParser parser) throws IOException {
        StringBuilder text = room > 0 ? piece(kind) : null;
        String member = of;
        long bytes = 0;
        int depth = 0;
        int within = NOWHERE;
        JsonToken token = parser.currentToken();
        while (token != null) {
            if (token.isStructStart()) {
                depth++;
                within = ARGUMENTS.contains(member) ? Math.min(within, depth) : within;
            } else if (token.isStructEnd()) {
                depth--;
                within = depth < within ? NOWHERE : within;
            } else if (token == JsonToken.FIELD_NAME) {
                member = parser.currentName();
                bytes += member.length();
            } else if (token != JsonToken.VALUE_NULL) {
                bytes += Utf8.length(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
                if (text != null && text.length() <= room && (depth >= within || !FORMAL.contains(member))) {
                    append(member, parser, text);
                }
            }
            if (depth == 0) {
                break;
            }
            token = parser.nextToken();
        }
        return bytes;
    }

    /** Where text of a kind goes now. */
    private StringBuilder piece(Kind kind) {
        List<Piece> all = pieces == null ? new ArrayList<>(2) : pieces;
        pieces = all;
        if (all.isEmpty() || all.get(all.size() - 1).kind() != kind) {
            all.add(new Piece(kind, new StringBuilder()));
        }
        return all.get(all.size() - 1).text();
    }

    /** Named values stand on lines of their own; those that come in pieces, over several frames, are joined as they are. */
    private void append(String member, JsonParser parser, StringBuilder text) throws IOException {
        if (!text.isEmpty() || member.equals("name")) {
            text.append('\n');
        }
        if (!member.isEmpty() && !PLAIN.contains(member)) {
            text.append(member).append(": ");
        }
        int length = Math.min(parser.getTextLength(), room + 1 - Math.min(text.length(), room));
        text.append(parser.getTextCharacters(), parser.getTextOffset(), length);
    }
}
