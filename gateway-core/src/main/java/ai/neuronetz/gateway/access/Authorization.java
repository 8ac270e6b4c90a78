package ai.neuronetz.gateway.access;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.Denial;

/** The second stage's decision: what may be sent to Ollama, or why nothing. Immutable. */
public sealed interface Authorization {

    /** To be metered next. */
    record Granted(Grant grant) implements Authorization {

        public Granted {
            requireNonNull(grant, "grant");
        }
    }

    /** The request goes no further. */
    record Refused(Denial denial) implements Authorization {

        public Refused {
            requireNonNull(denial, "denial");
        }
    }
}
