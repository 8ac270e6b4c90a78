package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.exchange.Denial;
import java.util.Optional;

/** Whether a principal may use a model, and what may be said of it. Immutable. */
public sealed interface ModelLookup {

    /**
     * Permitted and installed.
     *
     * @param spelling the operator's
     * @param model as last discovered
     * @param details what {@code /api/show} says of it, as JSON; empty if it is not known yet
     */
    record Found(String spelling, InstalledModel model, Optional<String> details) implements ModelLookup {}

    record Refused(Denial denial) implements ModelLookup {}
}
