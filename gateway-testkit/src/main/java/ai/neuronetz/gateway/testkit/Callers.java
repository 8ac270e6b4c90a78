package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyId;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What clients sent to a gateway and what it answered, seen from outside of it. Thread-safe; keeps the newest. */
final class Callers {

    private static final int KEPT = 20_000;

    // Both guarded by this.
    private final Deque<Call> calls = new ArrayDeque<>();
    private final Map<KeyId, String> issued = new HashMap<>();

    /**
     * One request and the head of its answer.
     *
     * @param keyId of the key that the client sent, or null if it sent none that could be one
     * @param genuine false if that key's secret is known to be another
     * @param requestId as the answer says it, or null
     */
    record Call(
            String method,
            String path,
            @Nullable KeyId keyId,
            boolean genuine,
            int status,
            @Nullable UUID requestId) {}

    synchronized void issued(ApiKey key) {
        issued.put(key.id(), key.reveal());
    }

    synchronized boolean anyIssuedIn(String text) {
        return text.contains("nng_") && issued.values().stream().anyMatch(text::contains);
    }

    synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    synchronized void clear() {
        calls.clear();
    }

    /** Listens to what passes to a handler and back. */
    Handler around(Handler gateway) {
        return new Handler.Wrapper(gateway) {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                request.addHttpStreamWrapper(stream -> new Overheard(stream, request));
                return super.handle(request, response, callback);
            }
        };
    }

    private final class Overheard extends HttpStream.Wrapper {
        private final String method;
        private final String path;
        private final List<String> credentials = new ArrayList<>();

        Overheard(HttpStream stream, Request request) {
            super(stream);
            this.method = request.getMethod();
            this.path = request.getHttpURI().getPath();
            HttpFields headers = request.getHeaders();
            credentials.addAll(headers.getValuesList("Authorization"));
            credentials.addAll(headers.getValuesList("x-api-key"));
        }

        @Override
        public void send(
                MetaData.Request request,
                MetaData.@Nullable Response head,
                boolean last,
                @Nullable ByteBuffer content,
                Callback callback) {
            if (head != null) {
                add(method, path, credentials, head);
            }
            super.send(request, head, last, content, callback);
        }
    }

    private synchronized void add(String method, String path, List<String> credentials, MetaData.Response head) {
        Optional<ApiKey> sent = credentials.stream()
                .map(text -> text.regionMatches(true, 0, "Bearer ", 0, 7) ? text.substring(7) : text)
                .flatMap(text -> ApiKey.parse(text).stream())
                .findFirst();
        KeyId keyId = sent.map(ApiKey::id).orElse(null);
        boolean genuine = sent.isEmpty()
                || sent.get()
                        .reveal()
                        .equals(issued.getOrDefault(keyId, sent.get().reveal()));
        calls.addLast(new Call(
                method,
                path,
                keyId,
                genuine,
                head.getStatus(),
                uuid(head.getHttpFields().get("X-Request-ID"))));
        if (calls.size() > KEPT) {
            calls.removeFirst();
        }
    }

    static @Nullable UUID uuid(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
