package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.ClientRequest;

/**
 * Says who is calling. The first stage of the {@linkplain ai.neuronetz.gateway.GatewayPipeline pipeline}.
 *
 * <p>Implementations are thread-safe. They may wait for a store, but never longer than its deadline; a store that does
 * not answer is a refusal, not an exception. A principal may come from a cache: the {@code revision} in it is compared
 * with the ledger's when the request is admitted.
 *
 * <p>One of your own must return principals as PostgreSQL has them, since the ledger admits nothing for others; {@link
 * CallerIdentification} does that for you. It is also your part then to tell requests that a page of another origin caused,
 * if it goes by what a browser sends by itself, such as a cookie.
 */
public interface Authenticator {

    /** Decides by the head of a request, before anything of its body is read. */
    Authentication authenticate(ClientRequest request);

    /**
     * Whether the principal is still what the store says. Asked before anything is answered that no ledger has checked: a
     * list of models, a denial.
     */
    Currency check(Principal principal);

    /** Forgets what is cached of the principal, after the ledger found it outdated. */
    void forget(Principal principal);

    /** Whether a principal still holds. */
    enum Currency {
        CURRENT,
        OUTDATED,
        UNVERIFIABLE
    }
}
