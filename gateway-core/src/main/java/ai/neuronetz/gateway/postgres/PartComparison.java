package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.admin.Verification.Kind;
import ai.neuronetz.gateway.postgres.Findings.Place;
import ai.neuronetz.gateway.postgres.Seal.Part;
import ai.neuronetz.gateway.postgres.SealedRows.Row;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of one kind and month against what their seal says of them. */
final class PartComparison {

    private static final int MARK = 8;

    private final Findings findings;
    private final Place place;
    private final String source;

    PartComparison(Findings findings, Place place, String source) {
        this.findings = findings;
        this.place = place;
        this.source = source;
    }

    /** @param sealed null if the seal knows of none */
    void compare(@Nullable Part sealed, List<Row> found) {
        found.sort(Comparator.comparing(Row::key));
        if (sealed == null) {
            found.forEach(this::added);
            return;
        }
        MessageDigest digest = SealedRows.newSha256();
        found.forEach(row -> row.addTo(digest));
        if (found.size() != sealed.rows()
                || !sealed.digest().equals(HexFormat.of().formatHex(digest.digest()))) {
            long before = findings.count();
            name(sealed.marks(), found);
            if (findings.count() == before) {
                findings.ofRow(Kind.ROW_ALTERED, place, source, null, "the rows are not those that were sealed");
            }
        }
    }

    /** Walks both lists at once; a row that is found a step further on in the other one tells what happened to this one. */
    private void name(String marks, List<Row> found) {
        int sealedRows = marks.length() / MARK;
        int i = 0;
        int j = 0;
        while (i < sealedRows || j < found.size()) {
            if (i < sealedRows && j < found.size() && same(marks, i, found.get(j))) {
                i++;
                j++;
            } else if (i == sealedRows
                    || (j + 1 < found.size() && i < sealedRows && same(marks, i, found.get(j + 1)))) {
                added(found.get(j++));
            } else if (j == found.size() || (i + 1 < sealedRows && same(marks, i + 1, found.get(j)))) {
                missing(j == 0 ? null : found.get(j - 1).name());
                i++;
            } else {
                String key = found.get(j).name();
                findings.ofRow(Kind.ROW_ALTERED, place, source, key, "row " + key + " was altered");
                i++;
                j++;
            }
        }
    }

    private void added(Row row) {
        findings.ofRow(Kind.ROW_ADDED, place, source, row.name(), "row " + row.name() + " was added");
    }

    private void missing(@Nullable String before) {
        findings.ofRow(
                Kind.ROW_MISSING,
                place,
                source,
                before,
                before == null ? "the first row is missing" : "the row after " + before + " is missing");
    }

    private static boolean same(String marks, int index, Row row) {
        return marks.startsWith(row.mark(), index * MARK);
    }
}
