package ai.neuronetz.gateway.access;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.access.EffectiveModels.Permitted;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.InferenceRequest;
import ai.neuronetz.gateway.ollama.InferenceRequest.Read;
import ai.neuronetz.gateway.ollama.InferenceRequest.Refused;
import ai.neuronetz.gateway.ollama.InferenceRequest.Written;
import ai.neuronetz.gateway.ollama.ModelName;
import ai.neuronetz.gateway.ollama.UpstreamRequest;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;

/**
 * Decides by the last discovery.
 *
 * <p>Order: the JSON, then the model, then every other field. A body that is wrong in both says the same of a model that is
 * forbidden as of one that does not exist.
 */
final class CatalogAuthorizer implements Authorizer {

    private static final int MAX_POLICIES = 10_000;

    private final ModelCatalog catalog;
    private final int maxOutputTokens;
    private final TokenBound bound;
    private final ModelBounds learnt;
    private final Cache<ModelPolicy, Resolved> resolved =
            Caffeine.newBuilder().maximumSize(MAX_POLICIES).build();

    /** A policy's models and the discovery they were taken from. */
    private record Resolved(ModelCatalog.Discovery discovery, EffectiveModels models) {}

    CatalogAuthorizer(ModelCatalog catalog, int maxOutputTokens, TokenBound bound, ModelBounds learnt) {
        if (maxOutputTokens < 1) {
            throw new IllegalArgumentException("maxOutputTokens: " + maxOutputTokens + " (expected: >= 1)");
        }
        this.catalog = catalog;
        this.maxOutputTokens = maxOutputTokens;
        this.bound = requireNonNull(bound, "bound");
        this.learnt = requireNonNull(learnt, "learnt");
    }

    @Override
    public Authorization authorize(Principal principal, Endpoint endpoint, byte[] body) {
        InferenceRequest.Reading reading = InferenceRequest.read(endpoint, body);
        if (reading instanceof Refused refused) {
            return new Authorization.Refused(refused.denial());
        }
        InferenceRequest request = ((Read) reading).request();
        Optional<ModelCatalog.Discovery> discovery = catalog.current();
        if (discovery.isEmpty()) {
            return refused(Reason.MODELS_UNVERIFIABLE);
        }
        Optional<Permitted> permitted = effective(principal, discovery.get()).find(request.model());
        if (permitted.isEmpty()) {
            return refused(Reason.MODEL_NOT_PERMITTED);
        }
        String spelling = permitted.get().spelling();
        int cap = principal.maxOutputTokens() == null
                ? maxOutputTokens
                : Math.min(maxOutputTokens, principal.maxOutputTokens());
        if (cap < 1 && request.generates()) {
            // Ollama has no way to be asked for no output at all.
            return refused(Reason.REQUEST_EXCEEDS_LIMIT);
        }
        InferenceRequest.Writing writing = request.write(spelling, cap);
        return writing instanceof Written written
                ? new Authorization.Granted(grant(endpoint, spelling, written.request()))
                : new Authorization.Refused(((Refused) writing).denial());
    }

    private Grant grant(Endpoint endpoint, String model, UpstreamRequest request) {
        // What is thought before a structured output is a generation of its own, with a cap of its own.
        long thoughts = request.structured() ? request.outputCap() : 0;
        return new Grant(
                endpoint,
                model,
                request.body(),
                request.streamed(),
                request.usageWanted(),
                request.structured(),
                bound.of(request.size()) + learnt.allowance(ModelName.canonical(model)) + thoughts,
                request.outputCap(),
                request.adjusted());
    }

    @Override
    public VisibleModels visible(Principal principal) {
        ModelCatalog.Discovery discovery = catalog.current().orElse(null);
        return discovery == null
                ? new VisibleModels.Unverifiable()
                : new VisibleModels.Known(effective(principal, discovery).models(), discovery.version());
    }

    @Override
    public ModelLookup find(Principal principal, String model) {
        ModelCatalog.Discovery discovery = catalog.current().orElse(null);
        if (discovery == null) {
            return new ModelLookup.Refused(Denial.of(Reason.MODELS_UNVERIFIABLE));
        }
        return effective(principal, discovery)
                .find(model)
                .<ModelLookup>map(found ->
                        new ModelLookup.Found(found.spelling(), found.installed(), catalog.details(found.installed())))
                .orElseGet(() -> new ModelLookup.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED)));
    }

    @SuppressWarnings("ReferenceEquality")
    private EffectiveModels effective(Principal principal, ModelCatalog.Discovery discovery) {
        ModelPolicy policy = principal.models();
        Resolved last = resolved.getIfPresent(policy);
        // Identity and not equality: every poll makes a new discovery.
        if (last != null && last.discovery == discovery) {
            return last.models;
        }
        EffectiveModels models = EffectiveModels.of(policy, discovery);
        resolved.put(policy, new Resolved(discovery, models));
        return models;
    }

    private static Authorization refused(Reason reason) {
        return new Authorization.Refused(Denial.of(reason));
    }
}
