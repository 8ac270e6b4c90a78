package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.metering.Settlement;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A settlement, or a void, that PostgreSQL has still to take. Belongs to the settlement lane once it was handed over.
 *
 * <p>Mutable: how often it was tried, and whether it is in the spool, belong to it.
 */
final class PendingSettlement {

    final UUID requestId;
    final String tenantId;

    /** Null to void. */
    final @Nullable Settlement settlement;

    /** How often others were in the way. */
    int busy;

    /** Not before this instant of {@link System#nanoTime}. */
    long dueNanos;

    boolean spooled;

    PendingSettlement(UUID requestId, String tenantId, @Nullable Settlement settlement) {
        this.requestId = requestId;
        this.tenantId = tenantId;
        this.settlement = settlement;
    }
}
