package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.ollama.Route;
import java.util.List;

/** What a request says of who sent it; nothing of it is verified yet. */
sealed interface Credentials {

    /** No credentials were sent. */
    record Missing() implements Credentials {}

    /** More than one header that could carry a key. */
    record Conflicting() implements Credentials {}

    /** Something was sent that cannot be a key. */
    record Malformed() implements Credentials {}

    /** A key with a correct checksum. */
    record WellFormed(ApiKey key) implements Credentials {}

    /**
     * Reads {@code Authorization: Bearer <key>}, or on the Anthropic endpoint also {@code x-api-key: <key>}. Looks at every
     * header line: a server's own look-up of one header silently takes the first of several. Two headers conflict also if
     * both hold the same key, so that nothing depends on which of them another reader of the request would take.
     */
    static Credentials of(ClientRequest request) {
        List<String> authorizations = request.headers("authorization");
        List<String> keys =
                Route.path(request.target()).equals("/v1/messages") ? request.headers("x-api-key") : List.of();
        if (authorizations.size() + keys.size() > 1) {
            return new Conflicting();
        }
        if (!keys.isEmpty()) {
            return key(keys.get(0));
        }
        return authorizations.isEmpty() ? new Missing() : bearer(authorizations.get(0));
    }

    private static Credentials bearer(String header) {
        String scheme = "Bearer ";
        boolean bearer = header.regionMatches(true, 0, scheme, 0, scheme.length());
        return bearer ? key(header.substring(scheme.length())) : new Malformed();
    }

    private static Credentials key(String text) {
        return ApiKey.parse(text).<Credentials>map(WellFormed::new).orElseGet(Malformed::new);
    }
}
