package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.access.ModelCatalog.Discovery;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.ollama.ModelName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The models a policy allows and Ollama has: an entry that is misspelt or stale never resolves.
 *
 * <p>With {@code allowAll} every installed model is in it, but one that sends prompts to another machine only if the operator
 * names it.
 */
final class EffectiveSet {

    private final List<InstalledModel> models = new ArrayList<>();
    private final Map<ModelName, String> spellings = new LinkedHashMap<>();

    private EffectiveSet() {}

    static EffectiveSet of(ModelPolicy policy, Discovery discovery) {
        List<AllowedModel> named = policy.allowed().stream()
                .flatMap(entry -> AllowedModel.parse(entry).stream())
                .toList();
        EffectiveSet set = new EffectiveSet();
        for (InstalledModel model : discovery.models()) {
            Optional<AllowedModel> entry =
                    named.stream().filter(allowed -> allowed.allows(model)).findFirst();
            boolean pinnedElsewhere =
                    named.stream().anyMatch(allowed -> allowed.name().equals(model.name()) && !allowed.allows(model));
            if (entry.isPresent()) {
                set.add(model, entry.get().spelling());
            } else if (policy.allowAll() && !model.remote() && !pinnedElsewhere) {
                set.add(model, model.spelling());
            }
        }
        return set;
    }

    private void add(InstalledModel model, String spelling) {
        models.add(model);
        spellings.putIfAbsent(model.name(), spelling);
    }

    List<InstalledModel> models() {
        return models;
    }

    /** What Ollama is sent for a name, if the name is in the set. */
    Optional<String> spelling(ModelName name) {
        return Optional.ofNullable(spellings.get(name));
    }
}
