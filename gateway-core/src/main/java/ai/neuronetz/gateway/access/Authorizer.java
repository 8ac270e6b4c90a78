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
     * Reads a body strictly, checks it, and writes Ollama's anew.
     *
     * @param endpoint an inference endpoint
     * @param body what the client sent, complete
     */
    Authorization authorize(Principal principal, Endpoint endpoint, byte[] body);

    /** The models the principal may use and that are installed now. */
    VisibleModels visible(Principal principal);
}
