package ai.neuronetz.gateway.metering;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.Denial;

/** The third stage's decision. Immutable, but for the reservation in it, which is to be settled. */
public sealed interface Metering {

    /** Durably reserved; to be settled exactly once. */
    record Reserved(Reservation reservation) implements Metering {

        public Reserved {
            requireNonNull(reservation, "reservation");
        }
    }

    /** The request goes no further; nothing is held for it. */
    record Refused(Denial denial) implements Metering {

        public Refused {
            requireNonNull(denial, "denial");
        }
    }

    /** Key, tenant or epoch were changed since the request was looked at: decide again on today's terms. */
    record Outdated() implements Metering {}
}
