package ai.neuronetz.gateway.testkit;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it reached the {@link MockOllama}, recorded when its body was complete.
 *
 * @param sequence counts from 1, never used twice by one mock
 * @param target path and query exactly as sent
 * @param headers by lower-case name, each with its values in the order sent
 * @param body read as UTF-8; empty if there was none
 * @param receivedNanos {@link System#nanoTime()} of this JVM, to compare with {@link Generation#frameNanos()}
 */
public record ReceivedRequest(
        long sequence,
        String method,
        String target,
        Map<String, List<String>> headers,
        String body,
        Instant receivedAt,
        long receivedNanos) {
    public ReceivedRequest {
        headers = Map.copyOf(headers);
    }

    /** The target without its query. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The first value of a header; {@code name} in lower case. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }
}
