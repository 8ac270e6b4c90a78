package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The durable authority: budgets, key status, reservations and settlements.
 *
 * <p>Implementations are thread-safe; a call waits at most 250 ms, and for {@link #admit} that includes the commit.
 */
@Internal
public interface Ledger {

    /**
     * Reserves the request's tokens in every budget of key and tenant and commits, or says why not. Revocation is
     * linearizable with it: nothing is admitted after a revoke has committed.
     *
     * @throws StoreUnavailableException if the outcome is unknown; the caller must {@link #voidAdmission} and deny
     */
    Entry admit(Admission admission);

    /**
     * Makes sure that a request whose admission is in doubt is never counted as forwarded. Does not wait: it is repeated
     * until the store has answered.
     */
    void voidAdmission(UUID requestId, String tenantId);

    /**
     * Says what became of requests for which the gate holds a place. One that was never admitted is void from now on: its
     * admission, should it still be under way, will fail.
     *
     * @param requestIds at most 1,000
     * @throws StoreUnavailableException if the answer is unknown
     */
    List<Fate> resolve(Collection<UUID> requestIds);

    /** Records a settlement. Does not wait: it is repeated until the store has answered. Idempotent. */
    void settle(UUID requestId, String tenantId, Settlement settlement);

    /**
     * Begins a new epoch for a tenant: no admission under an older one commits any more.
     *
     * @throws StoreUnavailableException if the outcome is unknown
     */
    Epoch beginEpoch(String tenantId);

    /** Whether settlements still find a place; while not, nothing may be admitted. */
    boolean accepting();

    /**
     * What is reserved, and for whom.
     *
     * @param epoch the number the gate admitted under
     * @param endpoint path at the gateway
     * @param inputBound tokens
     * @param outputCap tokens
     */
    record Admission(
            UUID requestId,
            Principal principal,
            long epoch,
            String endpoint,
            String model,
            long inputBound,
            long outputCap) {}

    /** The ledger's answer. */
    sealed interface Entry {

        /** @param budget of all budgets that apply the one with the least room; null if none applies */
        record Admitted(@Nullable Budget budget) implements Entry {}

        /** Spent, or without room for this request while others are open. */
        record OverBudget(Budget budget) implements Entry {}

        /** The request is larger than a whole budget. */
        record NeverFits(Budget budget) implements Entry {}

        /** Key or tenant were changed, revoked, or have expired. */
        record Outdated() implements Entry {}

        /** The gate's state is of an epoch that has ended. */
        record WrongEpoch() implements Entry {}

        /** This instance was declared dead, or the request id was voided. */
        record Fenced() implements Entry {}
    }

    /** What became of a request. */
    sealed interface Fate {

        UUID requestId();

        /** And it never will be. */
        record NeverAdmitted(UUID requestId) implements Fate {}

        /** Admitted and not settled yet. */
        record Open(UUID requestId) implements Fate {}

        record Settled(UUID requestId, long charged) implements Fate {}
    }

    /**
     * One budget after a decision.
     *
     * @param limit tokens per period
     * @param remaining limit less spent less reserved, at least 0
     * @param reset when the period ends, or null for a budget without period
     */
    record Budget(long limit, long remaining, @Nullable Instant reset) {}
}
