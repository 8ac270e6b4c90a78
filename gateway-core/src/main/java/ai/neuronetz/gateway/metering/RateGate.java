package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import java.time.Duration;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The authority on what is counted per minute and on what is open: requests per minute, tokens per minute, concurrency.
 *
 * <p>Admission is one atomic step that also verifies in which process and history it runs; state that is absent or torn is
 * unknown, never zero. Implementations are thread-safe, wait at most 250 ms and try once.
 */
@Internal
public interface RateGate {

    /**
     * Takes a place and tokens for a request. Idempotent per request id.
     *
     * @param tokens at least 1
     * @throws StoreUnavailableException if the answer is unknown; the request may or may not be counted
     */
    GateResult admit(UUID requestId, Principal principal, long tokens);

    /**
     * Replaces what was reserved with what was charged. Idempotent: only an open request changes anything.
     *
     * @throws StoreUnavailableException if it is unknown whether it was done; to be tried again
     */
    void settle(UUID requestId, String tenantId, long charged);

    /**
     * Takes a request back as if it had never been asked: it was not admitted after all. Idempotent.
     *
     * @throws StoreUnavailableException if it is unknown whether it was done; to be tried again
     */
    void release(UUID requestId, String tenantId);

    /**
     * Tenants that hold places, for the reconciliation with the ledger. May take longer than other calls.
     *
     * @throws StoreUnavailableException if some may be missing
     */
    Collection<String> openTenants();

    /**
     * Requests that hold places of a tenant, and have for at least this long.
     *
     * @throws StoreUnavailableException if some may be missing
     */
    Collection<UUID> open(String tenantId, Duration atLeast);

    /**
     * Builds a tenant's state anew from the ledger. Does nothing if the gate already holds this epoch or a later one, or if
     * it became another process meanwhile.
     *
     * @param identity the process and history that asked, as {@link GateResult.Unknown#identity} or
     *     {@link GateResult.Admitted#identity}
     * @throws StoreUnavailableException if it is unknown whether it was done
     */
    void rebuild(String tenantId, String identity, Epoch epoch);

    /** The gate's answer. */
    sealed interface GateResult {

        /**
         * @param epoch the number under which the ledger must admit
         * @param identity of the process and history that answered, for a rebuild should the epoch have ended
         */
        record Admitted(long epoch, String identity, RateStatus status) implements GateResult {}

        /**
         * @param limit which limit was met
         * @param retryAfter until it could pass, or null if it never could
         */
        record Refused(Limit limit, @Nullable Duration retryAfter, RateStatus status) implements GateResult {}

        /**
         * The tenant's state is absent, torn, or of another process or history.
         *
         * @param identity of the process and history that answered
         */
        record Unknown(String identity) implements GateResult {}
    }

    /** What the gate limits. */
    enum Limit {
        REQUESTS,
        TOKENS,
        CONCURRENCY
    }
}
