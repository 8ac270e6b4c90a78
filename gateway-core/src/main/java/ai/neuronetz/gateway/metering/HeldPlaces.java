package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one request has taken so far, or may have taken: so that every way out gives it back, also one nobody foresaw.
 *
 * <p>Order of giving back: dead in the ledger first, then free in the gate. The reverse could free the place of a request
 * that is still to be admitted. Belongs to one thread.
 */
final class HeldPlaces implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HeldPlaces.class);

    /** What the gate holds for the request. */
    private enum Gate {
        NOTHING,
        PLACE,
        IN_DOUBT
    }

    private final UUID requestId;
    private final String tenantId;
    private final Ledger ledger;
    private final GateReturns returns;
    private Gate gate = Gate.NOTHING;
    private boolean ledgerHolds;
    private UpstreamSlots.@Nullable Slot slot;
    private boolean kept;

    HeldPlaces(UUID requestId, String tenantId, Ledger ledger, GateReturns returns) {
        this.requestId = requestId;
        this.tenantId = tenantId;
        this.ledger = ledger;
        this.returns = returns;
    }

    /** From here to {@link #gateAnswered} its state is in doubt. */
    void gateAsked() {
        gate = Gate.IN_DOUBT;
    }

    void gateAnswered(boolean admitted) {
        gate = admitted ? Gate.PLACE : Gate.NOTHING;
    }

    /** Gives the gate's place back now; if that fails, it is given back later like any other. */
    void leaveGate(RateGate from) {
        try {
            from.release(requestId, tenantId);
            gate = Gate.NOTHING;
        } catch (StoreUnavailableException e) {
            LOG.debug("request {} leaves the gate later", requestId, e);
        }
    }

    /** From here on the ledger may hold a reservation, until it says that it does not. */
    void ledgerAsked() {
        ledgerHolds = true;
    }

    void ledgerRefused() {
        ledgerHolds = false;
    }

    void slotTaken(UpstreamSlots.Slot taken) {
        slot = taken;
    }

    /** Everything belongs to a reservation now. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() {
        if (kept) {
            return;
        }
        if (slot != null) {
            slot.release();
        }
        // A request that was never sent to the ledger has nothing to be voided there.
        if (ledgerHolds) {
            try {
                ledger.voidAdmission(requestId, tenantId);
            } catch (RuntimeException e) {
                // Not freed in the gate either; reconciliation with the ledger will do both, in order.
                LOG.error("the ledger did not take the voiding of request {}", requestId, e);
                return;
            }
        }
        if (gate == Gate.IN_DOUBT) {
            returns.submitDoubtful(requestId, tenantId);
        } else if (gate == Gate.PLACE) {
            returns.submitRefused(requestId, tenantId);
        }
    }
}
