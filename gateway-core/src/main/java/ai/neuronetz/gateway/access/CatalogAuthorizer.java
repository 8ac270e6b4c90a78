package ai.neuronetz.gateway.access;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.access.ModelCatalog.Discovery;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.InferenceRequest;
import ai.neuronetz.gateway.ollama.ModelName;
import java.util.Map;
import java.util.Optional;

/**
 * Authorizes by the principal's models and what the catalog says is installed.
 *
 * <p>A body is read whole before its model is looked up, so that an error in a field tells nothing about a model. A model
 * that is forbidden, missing, or no name at all takes the same path to the same answer. Thread-safe.
 */
public final class CatalogAuthorizer implements Authorizer {

    private final ModelCatalog catalog;
    private final int maxOutputTokens;

    /** @param maxOutputTokens the gateway's own cap on one answer, which principals can only lower; at least 1 */
    public CatalogAuthorizer(ModelCatalog catalog, int maxOutputTokens) {
        this.catalog = requireNonNull(catalog, "catalog");
        if (maxOutputTokens < 1) {
            throw new IllegalArgumentException("maxOutputTokens: " + maxOutputTokens + " (expected: >= 1)");
        }
        this.maxOutputTokens = maxOutputTokens;
    }

    @Override
    public Authorization authorize(Principal principal, Endpoint endpoint, byte[] body) {
        InferenceRequest.Reading reading = InferenceRequest.read(endpoint, body);
        if (reading instanceof InferenceRequest.Reading.Rejected rejected) {
            return refused(new Denial(rejected.reason(), rejected.field(), null, Map.of()));
        }
        InferenceRequest request = ((InferenceRequest.Reading.Accepted) reading).request();
        Optional<Discovery> discovery = catalog.current();
        if (discovery.isEmpty()) {
            return refused(Denial.of(Reason.MODELS_UNVERIFIABLE));
        }
        Optional<String> spelling =
                ModelName.parse(request.model()).flatMap(effective(principal, discovery.get())::spelling);
        if (spelling.isEmpty()) {
            return refused(Denial.of(Reason.MODEL_NOT_PERMITTED));
        }
        int cap = request.outputCap(capOf(principal));
        return new Authorization.Granted(new Grant(
                endpoint,
                spelling.get(),
                request.write(spelling.get(), cap),
                request.streamed(),
                request.usageWanted(),
                request.inputBound(),
                cap,
                request.adjusted()));
    }

    @Override
    public VisibleModels visible(Principal principal) {
        return catalog.current()
                .<VisibleModels>map(discovery ->
                        new VisibleModels.Known(effective(principal, discovery).models(), discovery.version()))
                .orElseGet(VisibleModels.Unverifiable::new);
    }

    private EffectiveSet effective(Principal principal, Discovery discovery) {
        return EffectiveSet.of(principal.models(), discovery);
    }

    private int capOf(Principal principal) {
        Integer own = principal.maxOutputTokens();
        return own == null ? maxOutputTokens : Math.min(own, maxOutputTokens);
    }

    private static Authorization refused(Denial denial) {
        return new Authorization.Refused(denial);
    }
}
