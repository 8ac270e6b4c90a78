package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.ClientRequest;
import java.util.Optional;

/**
 * The host's word for who is calling: the session, token or certificate of the application that the gateway is part of, in
 * place of the gateway's API keys. Part of the first stage.
 *
 * <p>The host names a key, by its public id; the gateway looks it up, and holds the caller to that key's status, models, limits
 * and budgets as if the key itself had been sent. A key that stands for callers in this way needs never be shown to anybody.
 * Several callers may share one. What the host must see to: a caller whom it has not authenticated by means that cannot be
 * forged gets no key.
 *
 * <p><b>Cookies.</b> A browser sends them by itself, also where a page of somebody else makes it call (CSRF). So a request
 * other than GET and HEAD is refused with 403 before this is asked if its {@code Sec-Fetch-Site} is other than {@code
 * same-origin} or {@code none}, or, from browsers that do not send that header, if its {@code Origin} has another host and port
 * than {@code Host}; unless its origin is one that the filter's CORS list allows. Clients that are no browsers send neither.
 * Behind a proxy that changes {@code Host}, put the application's own origin on that list.
 *
 * <p>Implementations are thread-safe. They are called for each request, on a thread that may block, and should answer from memory
 * or within some 250 ms. What they throw is a denial with 503.
 */
@FunctionalInterface
public interface CallerIdentification {

    /**
     * The key that stands for the caller.
     *
     * @param request with {@link ClientRequest#userPrincipal} if the host has authenticated the caller
     * @return empty if nobody is known to be calling: 401. So is a key that does not exist, was revoked, or has expired.
     */
    Optional<KeyId> identify(ClientRequest request);
}
