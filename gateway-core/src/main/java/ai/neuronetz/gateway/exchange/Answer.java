package ai.neuronetz.gateway.exchange;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What goes back to a client: a complete answer, or with an empty body the head of a streamed one.
 *
 * <p>Immutable but for the body array, which is handed over and not copied.
 */
public final class Answer {

    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private Answer(int status, Map<String, String> headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** An answer without a body, to which headers are added. */
    public static Answer of(int status) {
        return new Answer(status, Map.of(), new byte[0]);
    }

    public static Answer of(int status, String contentType, byte[] body) {
        return new Answer(status, Map.of("Content-Type", contentType), body);
    }

    public static Answer json(int status, String json) {
        return of(status, "application/json; charset=utf-8", json.getBytes(StandardCharsets.UTF_8));
    }

    /** This answer with one header more; a header of the same name is replaced. */
    public Answer with(String name, String value) {
        return with(Map.of(name, value));
    }

    /** This answer with more headers. */
    public Answer with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Answer(status, all, body);
    }

    public int status() {
        return status;
    }

    /** Header values by name, in the order they are written. */
    public Map<String, String> headers() {
        return headers;
    }

    public byte[] body() {
        return body;
    }
}
