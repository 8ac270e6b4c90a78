package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.metering.Reservation;

/**
 * Settles a reservation once its exchange has closed. The fifth stage of the
 * {@linkplain ai.neuronetz.gateway.GatewayPipeline pipeline}.
 *
 * <p>Thread-safe; does not block, since it is called from I/O threads.
 */
public interface Accountant {

    /** The gateway's own: charges what Ollama reported, and where it reported nothing credible, what was seen. */
    static Accountant usage() {
        return new UsageAccountant();
    }

    void account(Reservation reservation, Observation observation);
}
