package ai.neuronetz.gateway.ollama;

import java.util.Set;

/** Where a request's method and raw target lead. */
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

        /** The one method that is. */
        public String allowed() {
            return endpoint.method();
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

    /**
     * Looks the raw target up. No decoding, no normalisation: a target that is not byte-equal to an entry is unknown. (The
     * one prefix match refuses, so it cannot let anything through.)
     */
    static Route of(String method, String target) {
        Endpoint endpoint = Endpoint.byPath().get(target);
        if (endpoint != null) {
            return endpoint.method().equals(method) ? new Known(endpoint) : new WrongMethod(endpoint);
        }
        if (BLOCKED.contains(target)) {
            return new Blocked(Dialect.OLLAMA, target);
        }
        if (target.startsWith("/api/blobs/")) {
            return new Blocked(Dialect.OLLAMA, "/api/blobs");
        }
        return new Unknown(dialectOf(target));
    }

    private static Dialect dialectOf(String target) {
        if (target.startsWith("/v1/messages")) {
            return Dialect.ANTHROPIC;
        }
        return target.startsWith("/v1/") ? Dialect.OPENAI : Dialect.OLLAMA;
    }
}
