package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.exchange.Denial;

/** The second stage's decision. */
public sealed interface Authorization {

    record Granted(Grant grant) implements Authorization {}

    record Refused(Denial denial) implements Authorization {}
}
