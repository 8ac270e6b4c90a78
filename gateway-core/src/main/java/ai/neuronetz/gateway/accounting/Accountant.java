package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.access.ModelBounds;
import ai.neuronetz.gateway.metering.Reservation;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Settles a reservation once its exchange has closed. The fifth stage of the
 * {@linkplain ai.neuronetz.gateway.GatewayPipeline pipeline}.
 *
 * <p>Thread-safe; does not block, since it is called from I/O threads. A reservation that is not settled when {@link #account}
 * returns, or throws, is charged in full.
 */
public interface Accountant {

    /**
     * The gateway's own: charges what Ollama reported, and where it reported nothing credible, what was seen.
     *
     * @param registry where settlements are counted by their basis, and counts that were not believed
     * @param bounds told of each input that was larger than its bound
     */
    @Internal
    static Accountant usage(MeterRegistry registry, ModelBounds bounds) {
        return new UsageAccountant(registry, bounds);
    }

    /** Settles the reservation by what was seen, with {@link Reservation#settle}. Called once for each reservation. */
    void account(Reservation reservation, Observation observation);
}
