package ai.neuronetz.gateway.admin;

import ai.neuronetz.gateway.admin.Administration.AuditRow;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The audit log as evidence: its seals, whether the rows are still those that were sealed, and all of it to take away. */
public interface AuditTrail {

    /** The newest entries that pass, the newest first; seals only where they are asked for. */
    List<AuditRow> newest(AuditFilter filter, int limit);

    /** The newest seal, by which all before it can be told from a forgery later; empty if nothing is sealed yet. */
    Optional<Head> head();

    /**
     * Compares what is recorded with what was sealed. Reads one row at a time, and waits as long as it takes.
     *
     * @param progress called about once per seal
     */
    Verification verify(Check check, Consumer<Progress> progress);

    /**
     * Writes every row that passes, as a JSON object each, kind by kind and in the order of time. A request is two: its
     * admission and, once it has ended, its settlement.
     *
     * @return how many
     */
    long export(AuditFilter filter, Consumer<String> line);

    /** @param hash SHA-256 in hexadecimal */
    record Head(long number, String hash, Instant sealedAt) {
        @Override
        public String toString() {
            return number + ":" + hash;
        }
    }

    /**
     * What to verify.
     *
     * @param since leaves out seals that cover nothing later; null for all since the first
     * @param until leaves out seals that cover nothing earlier, and what is not sealed; null for all
     * @param expectedNumber a seal whose hash was kept elsewhere, or null
     * @param expectedHash in hexadecimal, or null
     * @param sealKey under which seals are signed, as in {@code AUDIT_SEAL_KEY}; null to leave signatures unchecked
     */
    record Check(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Long expectedNumber,
            @Nullable String expectedHash,
            @Nullable String sealKey) {

        public static Check everything() {
            return new Check(null, null, null, null, null);
        }

        public Check expecting(Head head) {
            return new Check(since, until, head.number(), head.hash(), sealKey);
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Check[since=" + since + ", until=" + until + ", expected=" + expectedNumber + ":" + expectedHash
                    + "]";
        }
    }

    /** How far it has come. */
    record Progress(long seal, long lastSeal, long rows) {}
}
