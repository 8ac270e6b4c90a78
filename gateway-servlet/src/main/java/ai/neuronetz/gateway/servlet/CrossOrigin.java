package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What pages of other origins may do (CORS): read answers and send keys, if their origin is on the list. Cookies play no
 * part, so no answer allows credentials.
 *
 * <p>A preflight comes without a key, so its answer is the same for every path, and does not tell which there are.
 */
final class CrossOrigin {

    private static final String ALLOWED_METHODS = "GET, HEAD, POST";

    // Those that mean something here, and those that the official clients send whether or not.
    private static final String ALLOWED_HEADERS = String.join(
            ", ",
            "Authorization",
            "Content-Type",
            "Accept",
            "User-Agent",
            "x-api-key",
            "anthropic-version",
            "anthropic-beta",
            "anthropic-dangerous-direct-browser-access",
            "OpenAI-Beta",
            "OpenAI-Organization",
            "OpenAI-Project",
            "x-stainless-arch",
            "x-stainless-async",
            "x-stainless-custom-poll-interval",
            "x-stainless-helper",
            "x-stainless-helper-method",
            "x-stainless-lang",
            "x-stainless-os",
            "x-stainless-package-version",
            "x-stainless-poll-helper",
            "x-stainless-retry-count",
            "x-stainless-runtime",
            "x-stainless-runtime-version",
            "x-stainless-timeout");

    private static final String EXPOSED_HEADERS = String.join(
            ", ",
            "X-Request-ID",
            "Retry-After",
            "X-Gateway-Adjusted",
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
            "x-ratelimit-limit-tokens",
            "x-ratelimit-remaining-tokens",
            "x-ratelimit-reset-tokens",
            "X-Budget-Limit",
            "X-Budget-Remaining",
            "X-Budget-Reset");

    private static final String MAX_AGE_SECONDS = "600";

    private final AllowedOrigins allowed;

    CrossOrigin(AllowedOrigins allowed) {
        this.allowed = allowed;
    }

    /** The request, with the note that its origin is on the list if it is. */
    ClientRequest marked(ClientRequest request) {
        return headers(request).isEmpty() ? request : request.withAllowedOrigin();
    }

    /** What is added to every answer to the request; nothing if its origin is not on the list. */
    Map<String, String> headers(ClientRequest request) {
        List<String> origins = request.headers("Origin");
        if (origins.size() != 1 || !allowed.contains(origins.get(0))) {
            return Map.of();
        }
        return Map.of(
                "Access-Control-Allow-Origin",
                origins.get(0),
                "Access-Control-Expose-Headers",
                EXPOSED_HEADERS,
                "Vary",
                "Origin");
    }

    /** The answer to a preflight from an allowed origin, but for {@link #headers}; empty for any other request. */
    Optional<Answer> preflight(ClientRequest request) {
        boolean preflight = request.method().equals("OPTIONS")
                && !request.headers("Access-Control-Request-Method").isEmpty()
                && !headers(request).isEmpty();
        return preflight
                ? Optional.of(ConstantAnswers.standard(Answer.of(204))
                        .with(Map.of(
                                "Access-Control-Allow-Methods", ALLOWED_METHODS,
                                "Access-Control-Allow-Headers", ALLOWED_HEADERS,
                                "Access-Control-Max-Age", MAX_AGE_SECONDS)))
                : Optional.empty();
    }
}
