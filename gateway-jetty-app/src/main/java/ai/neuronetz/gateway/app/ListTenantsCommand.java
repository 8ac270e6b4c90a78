package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code list-tenants}: every tenant with its models and ceilings. */
@Command(
        name = "list-tenants",
        description = "List tenants with their models and limits.",
        footer = {"", "Example:", "  list-tenants --json"})
final class ListTenantsCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final PrintWriter out;

    @Mixin
    private OutputFormat format = new OutputFormat();

    ListTenantsCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        var report = Report.of(
                "tenant",
                "name",
                "allow_all_models",
                "models",
                "rpm",
                "tpm",
                "concurrency",
                "day_budget",
                "month_budget",
                "total_budget",
                "max_output",
                "created_at");
        try (Administration administration = access.open()) {
            for (var tenant : administration.tenants()) {
                var limits = tenant.limits();
                report.row(
                        tenant.tenantId(),
                        tenant.displayName(),
                        tenant.models().allowAll(),
                        tenant.models().allowed(),
                        limits.requestsPerMinute(),
                        limits.tokensPerMinute(),
                        limits.concurrency(),
                        limits.dayBudget(),
                        limits.monthBudget(),
                        limits.totalBudget(),
                        tenant.maxOutputTokens(),
                        tenant.createdAt());
            }
        }
        format.printList(report, out);
        return ExitCode.OK;
    }
}
