package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.admin.Verification.Finding;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a verification came to, in words or for programs. */
final class VerificationReport {

    private static final int SHOWN = 20;

    private final Verification verification;

    VerificationReport(Verification verification) {
        this.verification = verification;
    }

    void print(PrintWriter out) {
        out.println((verification.intact() ? "intact: " : "ALTERED: ") + verification.seals() + " seals over "
                + verification.rows() + " rows"
                + (verification.head() == null ? "" : ", up to " + verification.head()));
        if (verification.signedUpTo() != null) {
            out.println("signed with this key up to seal " + verification.signedUpTo());
        }
        if (verification.prunedUpTo() != null) {
            out.println("dropped by retention: " + verification.prunedRows() + " rows of months before "
                    + verification.prunedBefore() + ", of seals up to " + verification.prunedUpTo());
        }
        if (verification.unsealedRows() > 0) {
            out.println("not sealed yet, and not verified: " + verification.unsealedRows() + " rows since "
                    + verification.unsealedSince());
        }
        verification.findings().stream().limit(SHOWN).forEach(finding -> out.println("- " + finding.text()));
        if (verification.findingsInAll() > SHOWN) {
            out.println("and " + (verification.findingsInAll() - SHOWN) + " more; --json shows up to 1000");
        }
    }

    Report asReport() {
        return Report.of(
                        "intact",
                        "seals",
                        "rows",
                        "head",
                        "signed_up_to",
                        "unsealed_rows",
                        "unsealed_since",
                        "pruned_before",
                        "pruned_up_to",
                        "pruned_rows",
                        "findings_in_all",
                        "findings")
                .row(
                        verification.intact(),
                        verification.seals(),
                        verification.rows(),
                        verification.head(),
                        verification.signedUpTo(),
                        verification.unsealedRows(),
                        verification.unsealedSince(),
                        verification.prunedBefore(),
                        verification.prunedUpTo(),
                        verification.prunedRows(),
                        verification.findingsInAll(),
                        verification.findings().stream()
                                .map(VerificationReport::fields)
                                .toList());
    }

    private static Map<String, @Nullable Object> fields(Finding finding) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("kind", finding.kind().name().toLowerCase(java.util.Locale.ROOT));
        fields.put("seal", finding.seal());
        fields.put("from", finding.from() == null ? null : finding.from().toString());
        fields.put("to", finding.to() == null ? null : finding.to().toString());
        fields.put("source", finding.source());
        fields.put("row", finding.row());
        fields.put("text", finding.text());
        return fields;
    }
}
