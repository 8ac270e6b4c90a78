package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.Internal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where a request's method and raw target lead. */
@Internal
public sealed interface Route {

    /** The dialect in which to answer, also an error. */
    Dialect dialect();

    /** What was called, for the audit log: a path of the table, or a constant where the client's own bytes would be. */
    String name();

    record Known(Endpoint endpoint) implements Route {
        @Override
        public String name() {
            return endpoint.path();
        }

        @Override
        public Dialect dialect() {
            return endpoint.dialect();
        }
    }

    /**
     * {@code GET /v1/models/{model}}.
     *
     * @param model a name in Ollama's grammar; otherwise the client's own
     */
    record OneModel(String model) implements Route {
        @Override
        public String name() {
            return Endpoint.MODEL.path();
        }

        @Override
        public Dialect dialect() {
            return Endpoint.MODEL.dialect();
        }
    }

    /** A known path with another method. */
    record WrongMethod(Endpoint endpoint) implements Route {
        @Override
        public Dialect dialect() {
            return endpoint.dialect();
        }

        @Override
        public String name() {
            return endpoint.path();
        }

        /** The methods that are, for the header of that name. */
        public String allowed() {
            return String.join(", ", endpoint.methods());
        }
    }

    /** An endpoint that changes models, disk or account: never forwarded, by no configuration. */
    record Blocked(Dialect dialect, String name) implements Route {}

    record Unknown(Dialect dialect) implements Route {
        @Override
        public String name() {
            return "(unknown)";
        }
    }

    /** Paths that are refused in code whatever the method. {@code /api/blobs/…} is refused by prefix. */
    Set<String> BLOCKED = Set.of("/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete", "/api/blobs");

    /** Targets with a query that clients are known to send: Anthropic's do for what they call beta. */
    Map<String, String> WITH_QUERY = Map.of("/v1/messages?beta=true", "/v1/messages");

    /**
     * Looks the raw target up. No decoding, no normalisation: a target that is not byte-equal to an entry is unknown, and so
     * is one with a query. (What is matched by a part of the target refuses, so it cannot let anything through.)
     */
    static Route of(String method, String target) {
        Endpoint endpoint = Endpoint.byPath().get(path(target));
        if (endpoint != null) {
            return endpoint.methods().contains(method) ? new Known(endpoint) : new WrongMethod(endpoint);
        }
        Optional<String> model = ModelPath.model(target);
        if (model.isPresent()) {
            boolean reads = Endpoint.MODEL.methods().contains(method);
            return reads ? new OneModel(model.get()) : new WrongMethod(Endpoint.MODEL);
        }
        String beforeQuery = target.split("\\?", 2)[0];
        if (BLOCKED.contains(beforeQuery)) {
            return new Blocked(Dialect.OLLAMA, beforeQuery);
        }
        if (target.startsWith("/api/blobs/")) {
            return new Blocked(Dialect.OLLAMA, "/api/blobs");
        }
        return new Unknown(dialectOf(target));
    }

    /** The target without its query, if it is one of the few that may have one; else the target. */
    static String path(String target) {
        return WITH_QUERY.getOrDefault(target, target);
    }

    private static Dialect dialectOf(String target) {
        if (target.startsWith("/v1/messages")) {
            return Dialect.ANTHROPIC;
        }
        return target.startsWith("/v1/") ? Dialect.OPENAI : Dialect.OLLAMA;
    }
}
