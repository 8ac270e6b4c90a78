package ai.neuronetz.gateway.identity;

import java.util.List;

/**
 * The models a principal may use, before the second stage intersects them with what is installed. Immutable.
 *
 * @param allowAll every installed model, except cloud and remote ones that are not named
 * @param allowed model names as the operator wrote them, each perhaps with {@code @sha256:…}
 */
public record ModelPolicy(boolean allowAll, List<String> allowed) {

    public ModelPolicy {
        allowed = List.copyOf(allowed);
    }

    /** Allows nothing: what a tenant starts with. */
    public static ModelPolicy none() {
        return new ModelPolicy(false, List.of());
    }
}
