package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.ollama.Endpoint;

/**
 * Says what a principal may do. The second stage of the {@linkplain ai.neuronetz.gateway.GatewayPipeline pipeline}.
 *
 * <p>Implementations are thread-safe and do no I/O: models come from the last discovery, terms from the principal.
 */
public interface Authorizer {

    /**
     * The gateway's own: strict reading, the effective set of models, clamped output.
     *
     * @param maxOutputTokens cap on one answer for all principals, at least 1; a principal's own cap can only lower it
     */
    static Authorizer catalog(ModelCatalog catalog, int maxOutputTokens) {
        return new CatalogAuthorizer(catalog, maxOutputTokens);
    }

    /**
     * Reads a body strictly, checks it, and writes Ollama's anew.
     *
     * @param endpoint an inference endpoint
     * @param body what the client sent, complete
     */
    Authorization authorize(Principal principal, Endpoint endpoint, byte[] body);

    /** The models the principal may use and that are installed now. */
    VisibleModels visible(Principal principal);
}
