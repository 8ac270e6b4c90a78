package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code audit head}: the newest seal. */
@Command(
        name = "head",
        description = {
            "Show the newest seal of the audit log.",
            "Keep its number and hash outside of the database: whoever rewrites the log from some seal on cannot make it"
                    + " end in the same hash. 'audit verify --expect' compares."
        },
        footer = {"", "Example:", "  audit head >> /mnt/elsewhere/audit-heads"})
final class AuditHeadCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final PrintWriter out;

    @Mixin
    private OutputFormat format = new OutputFormat();

    AuditHeadCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        try (Administration administration = access.open()) {
            var head = administration
                    .auditTrail()
                    .head()
                    .orElseThrow(() -> new AdministrationException(
                            "nothing is sealed yet; a gateway seals within seconds of the first entry"));
            if (format.forPeople()) {
                out.println(head);
            } else {
                format.printOne(
                        Report.of("number", "hash", "sealed_at").row(head.number(), head.hash(), head.sealedAt()), out);
            }
        }
        return ExitCode.OK;
    }
}
