package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.Denial;

/** The first stage's decision. */
public sealed interface Authentication {

    record Authenticated(Principal principal) implements Authentication {}

    record Refused(Denial denial) implements Authentication {}
}
