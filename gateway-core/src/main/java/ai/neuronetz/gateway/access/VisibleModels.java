package ai.neuronetz.gateway.access;

import java.util.List;

/** The models one principal may use now, for the listings that the gateway answers itself. Immutable. */
public sealed interface VisibleModels {

    /**
     * What the last discovery and the principal's policy have in common.
     *
     * @param models permitted and installed, newest first as Ollama lists them; perhaps none
     * @param version Ollama's version as last seen
     */
    record Known(List<InstalledModel> models, String version) implements VisibleModels {
        public Known {
            models = List.copyOf(models);
        }
    }

    /** The last discovery is too old to go by. */
    record Unverifiable() implements VisibleModels {}
}
