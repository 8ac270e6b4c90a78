package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AuditFilter;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code audit list}: the newest entries of the audit log. */
@Command(
        name = "list",
        description = "Show the newest entries of the audit log, newest first.",
        footer = {
            "",
            "Examples:",
            "  audit list --tenant acme --limit 20 --json",
            "  audit list --kind change --since 7d"
        })
final class AuditListCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final Clock clock;
    private final PrintWriter out;

    @Mixin
    private AuditSelection selection = new AuditSelection();

    @Mixin
    private RowLimit limit = new RowLimit();

    @Mixin
    private OutputFormat format = new OutputFormat();

    AuditListCommand(AdministrationAccess access, Clock clock, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.clock = requireNonNull(clock, "clock");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        int most = limit.checked();
        AuditFilter filter = selection.filter(clock);
        var report = Report.of(
                "at",
                "kind",
                "tenant",
                "key_id",
                "detail",
                "outcome",
                "basis",
                "input",
                "output",
                "charged",
                "request_id");
        try (Administration administration = access.open()) {
            for (var row : administration.auditTrail().newest(filter, most)) {
                report.row(
                        row.at(),
                        row.kind(),
                        row.tenantId(),
                        row.keyId(),
                        row.detail(),
                        row.outcome(),
                        row.basis(),
                        row.inputTokens(),
                        row.outputTokens(),
                        row.charged(),
                        row.requestId());
            }
        }
        format.printList(report, out);
        return ExitCode.OK;
    }
}
