package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.ollama.ModelName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a policy permits of what one discovery found. Immutable.
 *
 * <p>Made once for each pair of the two and then only looked up, so that a model that is not permitted and one that is not
 * installed take the same path and time.
 */
final class EffectiveModels {

    private static final String PIN = "@sha256:";
    private static final String LOCAL = ":local";

    /**
     * A model that may be asked for.
     *
     * @param spelling what Ollama is asked for
     * @param local whether the operator wrote the suffix that forces the local model, and a client may
     */
    record Permitted(String spelling, boolean local, InstalledModel installed) {}

    private final Map<ModelName, Permitted> permitted;
    private final List<InstalledModel> models;

    private EffectiveModels(Map<ModelName, Permitted> permitted, List<InstalledModel> models) {
        this.permitted = permitted;
        this.models = models;
    }

    static EffectiveModels of(ModelPolicy policy, ModelCatalog.Discovery discovery) {
        Map<ModelName, InstalledModel> installed = unambiguous(discovery.models());
        Map<ModelName, Permitted> permitted = new HashMap<>();
        if (policy.allowAll()) {
            installed.forEach((name, model) -> {
                if (!model.remote() && !name.cloud()) {
                    permitted.put(name, new Permitted(model.spelling(), false, model));
                }
            });
        }
        for (String entry : policy.allowed()) {
            int at = entry.indexOf(PIN);
            String spelling = at < 0 ? entry : entry.substring(0, at);
            String digest = at < 0 ? "" : entry.substring(at + PIN.length());
            ModelName name = ModelName.parse(spelling).orElse(null);
            InstalledModel model = name == null ? null : installed.get(name);
            if (name != null && model != null && (at < 0 || matches(digest, model))) {
                permitted.put(name, new Permitted(spelling, local(spelling), model));
            }
        }
        List<InstalledModel> models = new ArrayList<>();
        for (InstalledModel model : discovery.models()) {
            if (permitted.containsKey(model.name())) {
                models.add(model);
            }
        }
        return new EffectiveModels(Map.copyOf(permitted), List.copyOf(models));
    }

    /** In the discovery's order. */
    List<InstalledModel> models() {
        return models;
    }

    /** The model that a client means, or empty if the client may not ask for it, or there is none. */
    Optional<Permitted> find(String clientName) {
        Optional<ModelName> name = ModelName.parse(clientName);
        boolean local = local(clientName);
        return name.map(permitted::get).filter(found -> found.local || !local);
    }

    /** Names that are listed with two digests are left out: which of the two would answer is not known. */
    private static Map<ModelName, InstalledModel> unambiguous(List<InstalledModel> models) {
        Map<ModelName, InstalledModel> byName = new HashMap<>();
        Set<ModelName> ambiguous = new HashSet<>();
        for (InstalledModel model : models) {
            InstalledModel other = byName.putIfAbsent(model.name(), model);
            if (other != null && !(other.digest().equals(model.digest()) && other.remote() == model.remote())) {
                ambiguous.add(model.name());
            }
        }
        byName.keySet().removeAll(ambiguous);
        return byName;
    }

    private static boolean matches(String digest, InstalledModel model) {
        return digest.length() == 64 && digest.toLowerCase(Locale.ROOT).equals(model.digest());
    }

    private static boolean local(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(LOCAL);
    }
}
