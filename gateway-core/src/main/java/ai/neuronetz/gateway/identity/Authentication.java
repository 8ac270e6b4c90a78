package ai.neuronetz.gateway.identity;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.Denial;

/** The first stage's decision: who calls, or why that is not known. Immutable. */
public sealed interface Authentication {

    /** The caller is known. */
    record Authenticated(Principal principal) implements Authentication {

        public Authenticated {
            requireNonNull(principal, "principal");
        }
    }

    /** The request goes no further; its body is not read. */
    record Refused(Denial denial) implements Authentication {

        public Refused {
            requireNonNull(denial, "denial");
        }
    }
}
