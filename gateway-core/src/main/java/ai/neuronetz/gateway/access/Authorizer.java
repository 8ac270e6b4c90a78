package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.Internal;
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
    @Internal
    static Authorizer catalog(ModelCatalog catalog, int maxOutputTokens) {
        return catalog(catalog, maxOutputTokens, TokenBound.standard(), ModelBounds.inMemory());
    }

    /**
     * The gateway's own, which reserves as it is told.
     *
     * @param maxOutputTokens cap on one answer for all principals, at least 1; a principal's own cap can only lower it
     * @param bound of the tokens of an input
     * @param learnt what is reserved beyond it for models that did not keep to it
     */
    @Internal
    static Authorizer catalog(ModelCatalog catalog, int maxOutputTokens, TokenBound bound, ModelBounds learnt) {
        return new CatalogAuthorizer(catalog, maxOutputTokens, bound, learnt);
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

    /**
     * One of them. A model that the principal may not use and one that is not installed give equal answers.
     *
     * @param model in any spelling that Ollama takes for it
     */
    ModelLookup find(Principal principal, String model);
}
