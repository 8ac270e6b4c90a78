package ai.neuronetz.gateway.ollama;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Everything a key can call: the constant table against which a request's raw target is compared, byte for byte.
 *
 * <p>The upstream path is taken from here, never from a client. Later releases may add some.
 */
public enum Endpoint {
    ROOT("GET", "/", Dialect.OLLAMA, Kind.LISTING),
    VERSION("GET", "/api/version", Dialect.OLLAMA, Kind.LISTING),
    TAGS("GET", "/api/tags", Dialect.OLLAMA, Kind.LISTING),
    SHOW("POST", "/api/show", Dialect.OLLAMA, Kind.DETAILS),
    MODELS("GET", "/v1/models", Dialect.OPENAI, Kind.LISTING),
    /** The only path with a part that is the client's; {@link ModelPath} reads it. */
    MODEL("GET", "/v1/models/{model}", Dialect.OPENAI, Kind.LISTING),
    CHAT("POST", "/api/chat", Dialect.OLLAMA, Kind.INFERENCE),
    GENERATE("POST", "/api/generate", Dialect.OLLAMA, Kind.INFERENCE),
    EMBED("POST", "/api/embed", Dialect.OLLAMA, Kind.INFERENCE),
    EMBEDDINGS("POST", "/api/embeddings", Dialect.OLLAMA, Kind.INFERENCE),
    CHAT_COMPLETIONS("POST", "/v1/chat/completions", Dialect.OPENAI, Kind.INFERENCE),
    COMPLETIONS("POST", "/v1/completions", Dialect.OPENAI, Kind.INFERENCE),
    OPENAI_EMBEDDINGS("POST", "/v1/embeddings", Dialect.OPENAI, Kind.INFERENCE),
    RESPONSES("POST", "/v1/responses", Dialect.OPENAI, Kind.INFERENCE),
    MESSAGES("POST", "/v1/messages", Dialect.ANTHROPIC, Kind.INFERENCE);

    /** What answers an endpoint. */
    public enum Kind {
        /** The gateway itself, from its last discovery. */
        LISTING,
        /** The gateway itself, from its last discovery, about the model that the body names. */
        DETAILS,
        /** Ollama, metered. */
        INFERENCE
    }

    private static final Map<String, Endpoint> BY_PATH = Arrays.stream(values())
            .filter(endpoint -> endpoint.path.indexOf('{') < 0)
            .collect(Collectors.toUnmodifiableMap(Endpoint::path, Function.identity()));

    private final String method;
    private final String path;
    private final Dialect dialect;
    private final Kind kind;

    Endpoint(String method, String path, Dialect dialect, Kind kind) {
        this.method = method;
        this.path = path;
        this.dialect = dialect;
        this.kind = kind;
    }

    /** The method at Ollama, and the first of those at the gateway. */
    public String method() {
        return method;
    }

    /** Those at the gateway. Clients ask with HEAD whether a server is there, and nowhere else. */
    public List<String> methods() {
        return this == ROOT ? List.of(method, "HEAD") : List.of(method);
    }

    /** The path at the gateway and at Ollama. */
    public String path() {
        return path;
    }

    public Dialect dialect() {
        return dialect;
    }

    public Kind kind() {
        return kind;
    }

    /** Every endpoint whose whole path is a constant. */
    static Map<String, Endpoint> byPath() {
        return BY_PATH;
    }
}
