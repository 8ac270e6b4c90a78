package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientRequest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * The public endpoints: is the process alive, and is everything usable that a request needs.
 *
 * <p>Answers one word per dependency and nothing else, from what background checks last saw; touches no store.
 */
final class HealthProbe {

    private static final Answer WRONG_METHOD =
            Answer.json(405, "{\"error\":\"Use GET or HEAD.\"}").with("Allow", "GET, HEAD");

    private final TreeMap<String, BooleanSupplier> dependencies;

    /**
     * @param dependencies by name
     * @param draining whether the gateway itself is stopping
     */
    HealthProbe(Map<String, BooleanSupplier> dependencies, BooleanSupplier draining) {
        this.dependencies = new TreeMap<>(dependencies);
        this.dependencies.put("gateway", () -> !draining.getAsBoolean());
    }

    /** The answer to GET and HEAD, or that only these are answered; empty for any other path. */
    Optional<Answer> answer(ClientRequest request) {
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        return switch (request.target()) {
            case "/livez" -> Optional.of(reads ? Answer.json(200, "{\"status\":\"ok\"}") : WRONG_METHOD);
            case "/healthz", "/readyz" -> Optional.of(reads ? health() : WRONG_METHOD);
            default -> Optional.empty();
        };
    }

    /** 200 if everything is usable, else 503. */
    Answer health() {
        TreeMap<String, Boolean> usable = new TreeMap<>();
        dependencies.forEach((name, check) -> usable.put(name, check.getAsBoolean()));
        boolean all = !usable.containsValue(false);
        String words = usable.entrySet().stream()
                .map(dependency ->
                        "\"" + dependency.getKey() + "\":\"" + (dependency.getValue() ? "ok" : "down") + "\"")
                .collect(Collectors.joining(","));
        return Answer.json(all ? 200 : 503, "{\"status\":\"" + (all ? "ok" : "down") + "\"," + words + "}");
    }
}
