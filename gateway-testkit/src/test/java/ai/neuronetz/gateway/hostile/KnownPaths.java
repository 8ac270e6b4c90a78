package ai.neuronetz.gateway.hostile;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What clients can call, as it is promised to them; on purpose not taken from the gateway's own table. */
final class KnownPaths {

    private static final Set<String> GET = Set.of("GET");
    private static final Set<String> POST = Set.of("POST");

    /** Methods by path. */
    static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            Map.entry("/", Set.of("GET", "HEAD")),
            Map.entry("/api/version", GET),
            Map.entry("/api/tags", GET),
            Map.entry("/api/show", POST),
            Map.entry("/api/chat", POST),
            Map.entry("/api/generate", POST),
            Map.entry("/api/embed", POST),
            Map.entry("/api/embeddings", POST),
            Map.entry("/v1/models", GET),
            Map.entry("/v1/models/llama3.2:3b", GET),
            Map.entry("/v1/chat/completions", POST),
            Map.entry("/v1/completions", POST),
            Map.entry("/v1/embeddings", POST),
            Map.entry("/v1/responses", POST),
            Map.entry("/v1/messages", POST));

    /** OpenAI's client writes a model's name like this; there is no other escape. */
    static final Map<String, String> SPELLINGS = Map.of(
            "/v1/models/llama3.2%3A3b", "/v1/models/llama3.2:3b", "/v1/models/llama3.2%3a3b", "/v1/models/llama3.2:3b");

    /** Answered without a key and by the gateway itself. */
    static final Set<String> PUBLIC = Set.of("/healthz", "/livez", "/readyz");

    static final List<String> BLOCKED = List.of(
            "/api/pull",
            "/api/push",
            "/api/create",
            "/api/copy",
            "/api/delete",
            "/api/blobs/sha256:29fdb92e57cf0827ded04ae6461b5931d01fa595843f55d36f5b275a52087dd2");

    static final List<String> UNKNOWN = List.of(
            "/api/ps",
            "/api/me",
            "/api/signout",
            "/api/experimental/web_search",
            "/debug/pprof/heap",
            "/playground",
            "/metrics",
            "/v1/files",
            "/v1/images/generations",
            "/v1/messages/count_tokens",
            "/api");

    private KnownPaths() {}

    static List<String> all() {
        return Stream.of(
                        ALLOWED.keySet().stream().sorted(),
                        PUBLIC.stream().sorted(),
                        BLOCKED.stream(),
                        UNKNOWN.stream())
                .flatMap(paths -> paths)
                .toList();
    }

    /** The method under which a path does most harm. */
    static String methodOf(String path) {
        if (PUBLIC.contains(path)) {
            return "GET";
        }
        return ALLOWED.getOrDefault(path, POST).contains("GET") ? "GET" : "POST";
    }
}
