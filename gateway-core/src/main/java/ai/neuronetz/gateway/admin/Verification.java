package ai.neuronetz.gateway.admin;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What comparing the audit log with its seals came to.
 *
 * @param seals how many were compared
 * @param rows how many rows they cover and were found
 * @param head the last of them, or null if there is none
 * @param signedUpTo the last seal that the key vouches for, or null if it vouches for none or none was given
 * @param unsealedRows rows that no seal covers yet
 * @param unsealedSince when the oldest of them was written
 * @param prunedBefore rows of months before this one, as {@code 2026-09}, were dropped by retention; null if none were
 * @param prunedUpTo the last seal that lost rows to that, or null
 * @param prunedRows how many rows that were
 * @param findings the first of them, in the order of the seals
 * @param findingsInAll how many there are
 */
public record Verification(
        long seals,
        long rows,
        AuditTrail.@Nullable Head head,
        @Nullable Long signedUpTo,
        long unsealedRows,
        @Nullable Instant unsealedSince,
        @Nullable String prunedBefore,
        @Nullable Long prunedUpTo,
        long prunedRows,
        List<Finding> findings,
        long findingsInAll) {

    public Verification {
        findings = List.copyOf(findings);
    }

    /** Whether nothing was changed since it was sealed. */
    public boolean intact() {
        return findingsInAll == 0;
    }

    /** What was done to the log. */
    public enum Kind {
        SEAL_MISSING,
        SEAL_ALTERED,
        CHAIN_BROKEN,
        HEAD_DIFFERS,
        SIGNATURE_WRONG,
        SIGNATURE_MISSING,
        ROW_ALTERED,
        ROW_MISSING,
        ROW_ADDED,
        ROW_BACKDATED,
        ROW_FROM_THE_FUTURE
    }

    /**
     * One place where log and seals differ.
     *
     * @param seal its number; null for what no seal covers
     * @param from when what the seal covers began, or null if that is not known
     * @param to when it ended
     * @param source admission, settlement, denial, refusal or change; null if the seal itself is meant
     * @param row its key; for one that is missing, the key of the one before, or null if it was the first
     * @param text for people
     */
    public record Finding(
            Kind kind,
            @Nullable Long seal,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String source,
            @Nullable String row,
            String text) {}
}
