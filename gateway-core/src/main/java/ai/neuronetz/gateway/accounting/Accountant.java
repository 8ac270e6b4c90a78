package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.metering.Reservation;

/**
 * Settles a reservation once its exchange has closed. The fifth stage of the
 * {@linkplain ai.neuronetz.gateway.GatewayPipeline pipeline}.
 *
 * <p>Thread-safe; does not block, since it is called from I/O threads.
 */
public interface Accountant {

    void account(Reservation reservation, Observation observation);
}
