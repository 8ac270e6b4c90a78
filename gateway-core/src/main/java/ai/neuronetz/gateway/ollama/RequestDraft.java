package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The body for Ollama while it is written, and what is measured and noted on the way. One thread. */
final class RequestDraft {

    /** Names beyond these are not listed: the list becomes one header. */
    static final int MAX_ADJUSTED = 20;

    private static final Pattern PRINTABLE_NAME = Pattern.compile("[A-Za-z0-9_.-]{1,40}");
    private static final JsonMapper MAPPER = new JsonMapper(JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
            .build());

    private final ByteArrayOutputStream bytes;
    private final JsonGenerator json;
    private final Set<String> adjusted = new LinkedHashSet<>();
    private long textBytes;
    private long jsonBytes;
    private long messages;
    private long images;
    private boolean structured;

    RequestDraft(int expectedBytes) throws IOException {
        this.bytes = new ByteArrayOutputStream(expectedBytes);
        this.json = MAPPER.createGenerator(bytes);
    }

    JsonGenerator json() {
        return json;
    }

    /** Notes a field of the tables that was stripped or clamped. */
    void adjusted(String path) {
        if (adjusted.size() < MAX_ADJUSTED) {
            adjusted.add(path);
        }
    }

    /** Notes a field that no table knows. Its name is the client's, and a header must not be broken by it. */
    void dropped(String parent, String name) {
        adjusted(PRINTABLE_NAME.matcher(name).matches() ? Fields.path(parent, name) : "unknown");
    }

    /** Writes text that becomes part of the prompt, in some models' as a string in JSON. */
    void text(String text) throws IOException {
        textBytes += Utf8.length(text) + escapes(text);
        json.writeString(text);
    }

    /** Allows for text that Ollama writes once more than it was received. */
    void again(long bytes) {
        textBytes += bytes;
    }

    /** The output has to meet a grammar. */
    void structured() {
        structured = true;
    }

    /** Bytes by which Go's JSON is longer than the text. */
    private static long escapes(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            bytes += switch (text.charAt(i)) {
                case '"', '\\', '\n', '\r', '\t' -> 1;
                case '<', '>', '&' -> 5;
                case '\u2028', '\u2029' -> 3;
                default -> text.charAt(i) < 0x20 ? 5 : 0;
            };
        }
        return bytes;
    }

    /** Writes text that holds JSON, or becomes a string in JSON that Ollama prints: the description of a tool, say. */
    void jsonText(String text) throws IOException {
        jsonBytes += Utf8.length(text);
        json.writeString(text);
    }

    /**
     * Writes JSON that becomes part of the prompt or of a grammar as it is.
     *
     * @return its length in bytes
     */
    int tree(JsonNode tree) throws IOException {
        json.flush();
        int before = bytes.size();
        json.writeTree(tree);
        json.flush();
        int length = bytes.size() - before;
        jsonBytes += length;
        return length;
    }

    /** Returns how many there are by now. */
    long image(String base64) throws IOException {
        json.writeString(base64);
        return ++images;
    }

    void message() {
        messages++;
    }

    byte[] finish() throws IOException {
        json.close();
        return bytes.toByteArray();
    }

    List<String> adjusted() {
        return List.copyOf(adjusted);
    }

    boolean isStructured() {
        return structured;
    }

    UpstreamRequest.Size size() {
        return new UpstreamRequest.Size(textBytes, jsonBytes, messages, images);
    }
}
