package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.Denial;

/** The third stage's decision. */
public sealed interface Metering {

    /** Durably reserved; to be settled exactly once. */
    record Reserved(Reservation reservation) implements Metering {}

    record Refused(Denial denial) implements Metering {}

    /** Key, tenant or epoch were changed since the request was looked at: decide again on today's terms. */
    record Outdated() implements Metering {}
}
