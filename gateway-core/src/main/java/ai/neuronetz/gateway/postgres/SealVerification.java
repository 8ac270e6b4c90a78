package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.admin.AuditTrail.Check;
import ai.neuronetz.gateway.admin.AuditTrail.Head;
import ai.neuronetz.gateway.admin.AuditTrail.Progress;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.admin.Verification.Kind;
import ai.neuronetz.gateway.postgres.Findings.Place;
import ai.neuronetz.gateway.postgres.Seal.Part;
import ai.neuronetz.gateway.postgres.Seal.PartId;
import ai.neuronetz.gateway.postgres.SealedRows.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares rows with seals, and seals with one another, from one snapshot. For one run.
 *
 * <p>Seals come by number, rows by transaction, side by side: the rows of one seal are in memory, and of those only keys and
 * hashes. Where a seal was altered, the seals beside it say which transactions are its own, so that one lie does not make all
 * that follows look wrong.
 */
final class SealVerification {

    private final Check check;
    private final @Nullable SealKey key;
    private final Consumer<Progress> progress;
    private final Findings findings = new Findings();
    private final List<SealedRows> sources = new ArrayList<>();
    private @Nullable String prunedBefore;

    private long seals;
    private long rows;
    private long prunedRows;
    private @Nullable Long prunedUpTo;
    private @Nullable Long signedUpTo;
    private @Nullable Seal last;
    private long reachedTx;
    private boolean expectationMet;

    SealVerification(Check check, Consumer<Progress> progress) {
        this.check = check;
        String text = check.sealKey();
        this.key = text == null ? null : SealKey.parse(text);
        this.progress = progress;
    }

    /** @param connection within a read-only transaction of one snapshot */
    Verification run(Connection connection) throws SQLException {
        SealReader reader = new SealReader(connection);
        prunedBefore = reader.prunedBefore();
        SealReader.Range range = reader.range(check.since(), check.until());
        last = reader.before(range.first());
        reachedTx = last == null ? 0 : last.to();
        boolean toTheEnd = check.until() == null;
        long lastTx = toTheEnd ? -1L : reader.endOf(range.last()) - 1;
        expectationMet = expected(reader);
        try {
            if (toTheEnd || range.first() <= range.last()) {
                for (AuditSource source : AuditSource.values()) {
                    sources.add(SealedRows.open(connection, source, reachedTx, lastTx));
                }
            }
            compareAll(reader, range);
            return toTheEnd ? withTail(reader.nextTx()) : result(0, null);
        } finally {
            for (SealedRows source : sources) {
                source.close();
            }
        }
    }

    private void compareAll(SealReader reader, SealReader.Range range) throws SQLException {
        try (SealReader.Cursor cursor = reader.open(range)) {
            Seal seal = cursor.next();
            if (seal == null && range.first() <= range.last()) {
                missing(range.first(), range.last());
            }
            while (seal != null) {
                Seal following = cursor.next();
                compare(seal, following);
                progress.accept(new Progress(seal.number(), range.last(), rows));
                seal = following;
            }
        }
        Seal end = last;
        if (key != null
                && check.until() == null
                && end != null
                && seals > 0
                && (signedUpTo == null || signedUpTo < end.number())) {
            findings.ofSeal(
                    Kind.SIGNATURE_MISSING,
                    new Place(end.number(), null, end.reached()),
                    signedUpTo == null
                            ? "no seal is signed with this key"
                            : "the seals after " + signedUpTo + " are not signed with this key");
        }
        if (!expectationMet) {
            findings.ofSeal(
                    Kind.HEAD_DIFFERS,
                    new Place(check.expectedNumber(), null, null),
                    "its hash is not the expected one, or it is gone: the chain was written anew from here or before, or its"
                            + " end was cut off");
        }
    }

    private void missing(long first, long lastMissing) {
        findings.ofSeal(
                Kind.SEAL_MISSING,
                new Place(first, last == null ? null : last.reached(), null),
                first == lastMissing ? "is missing" : "is missing, and all up to seal " + lastMissing);
    }

    private void compare(Seal seal, @Nullable Seal following) throws SQLException {
        Seal before = last;
        Instant begin = before == null ? null : before.reached();
        Place place = new Place(seal.number(), begin, seal.reached());
        long expectedNumber = before == null ? 1 : before.number() + 1;
        boolean gap = seal.number() > expectedNumber;
        if (gap) {
            missing(expectedNumber, seal.number() - 1);
        }
        boolean genuine = seal.hash().equals(HexFormat.of().formatHex(SealedRows.sha256(seal.text())));
        if (!genuine) {
            findings.ofSeal(Kind.SEAL_ALTERED, place, "was altered");
        }
        String previous = before == null ? Seal.FIRST_PREVIOUS : before.hash();
        if (!gap && (!seal.previous().equals(previous) || seal.from() != reachedTx)) {
            findings.ofSeal(Kind.CHAIN_BROKEN, place, "does not follow from the seal before it");
        }
        checkSignature(seal, place);
        long from = gap && genuine ? seal.from() : reachedTx;
        long to = genuine || following == null ? seal.to() : following.from();
        compareRows(seal, place, from, to, begin);
        seals++;
        reachedTx = Long.compareUnsigned(to, reachedTx) > 0 ? to : reachedTx;
        last = seal;
    }

    private void checkSignature(Seal seal, Place place) {
        Seal.Signature signature = seal.signature();
        if (key == null || signature == null || !signature.keyId().equals(key.id())) {
            return;
        }
        if (key.signed(seal.number(), seal.hash(), signature.mac())) {
            signedUpTo = seal.number();
        } else {
            findings.ofSeal(Kind.SIGNATURE_WRONG, place, "its signature is not of this key");
        }
    }

    private void compareRows(Seal seal, Place place, long from, long to, @Nullable Instant begin) throws SQLException {
        Map<PartId, List<Row>> found = new LinkedHashMap<>();
        for (SealedRows source : sources) {
            for (Row row = source.takeBefore(to); row != null; row = source.takeBefore(to)) {
                if (Long.compareUnsigned(row.tx(), from) >= 0) {
                    found.computeIfAbsent(new PartId(row.source().id(), row.month()), id -> new ArrayList<>())
                            .add(row);
                    checkTime(row, place, begin);
                    rows++;
                }
            }
        }
        Map<PartId, Part> sealed = seal.readParts();
        var ids = new TreeSet<PartId>(Comparator.comparing(PartId::source).thenComparing(PartId::month));
        ids.addAll(sealed.keySet());
        ids.addAll(found.keySet());
        for (PartId id : ids) {
            Part part = sealed.get(id);
            List<Row> those = found.getOrDefault(id, new ArrayList<>());
            if (part != null && those.isEmpty() && pruned(id)) {
                prunedRows += part.rows();
                prunedUpTo = seal.number();
            } else {
                new PartComparison(findings, place, id.source()).compare(part, those);
            }
        }
    }

    /** The months of all months' partitions that retention dropped; what changed the terms is never dropped. */
    private boolean pruned(PartId id) {
        return prunedBefore != null
                && !id.source().equals(AuditSource.CHANGE.id())
                && id.month().compareTo(prunedBefore) < 0;
    }

    private void checkTime(Row row, Place place, @Nullable Instant begin) {
        if (begin != null && row.at().isBefore(begin.minus(row.source().lateness()))) {
            findings.ofRow(
                    Kind.ROW_BACKDATED,
                    place,
                    row.source().id(),
                    row.name(),
                    "row " + row.name() + " says it is of " + row.at()
                            + " but was written later; somebody added it, or the database's clock was set back");
        }
    }

    private Verification withTail(long nextTx) throws SQLException {
        long unsealed = 0;
        Instant oldest = null;
        Seal end = last;
        Place place = Place.NOWHERE;
        for (SealedRows source : sources) {
            for (Row row = source.take(); row != null; row = source.take()) {
                unsealed++;
                oldest = oldest == null || row.at().isBefore(oldest) ? row.at() : oldest;
                checkTime(row, place, end == null ? null : end.reached());
                if (Long.compareUnsigned(row.tx(), nextTx) >= 0) {
                    findings.ofRow(
                            Kind.ROW_FROM_THE_FUTURE,
                            place,
                            row.source().id(),
                            row.name(),
                            "row " + row.name() + " is of a transaction that has not been; somebody added it");
                }
            }
        }
        return result(unsealed, oldest);
    }

    private boolean expected(SealReader reader) throws SQLException {
        Long number = check.expectedNumber();
        String hash = check.expectedHash();
        if (number == null || hash == null) {
            return true;
        }
        Seal seal = reader.find(number);
        return seal != null && seal.hash().equalsIgnoreCase(hash);
    }

    private Verification result(long unsealed, @Nullable Instant unsealedSince) {
        Seal end = last;
        return new Verification(
                seals,
                rows,
                end == null ? null : new Head(end.number(), end.hash(), end.sealedAt()),
                signedUpTo,
                unsealed,
                unsealedSince,
                prunedBefore,
                prunedUpTo,
                prunedRows,
                findings.first(),
                findings.count());
    }
}
