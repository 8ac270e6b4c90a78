package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code list-keys}: keys by their public ids, also revoked and expired ones. */
@Command(
        name = "list-keys",
        description = "List keys by their public ids, with models and limits of their own.",
        footer = {"", "Examples:", "  list-keys", "  list-keys --tenant acme --json"})
final class ListKeysCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final PrintWriter out;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Only the keys of this tenant.")
    private @Nullable String tenant;

    @Mixin
    private OutputFormat format = new OutputFormat();

    ListKeysCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        var report = Report.of(
                "key_id",
                "tenant",
                "name",
                "status",
                "allow_all_models",
                "models",
                "rpm",
                "tpm",
                "concurrency",
                "day_budget",
                "month_budget",
                "total_budget",
                "max_output",
                "prompts_kept",
                "created_at",
                "expires_at",
                "revoked_at",
                "successor");
        try (Administration administration = access.open()) {
            for (var key : administration.keys(tenant)) {
                var limits = key.limits();
                var models = key.models();
                var retention = key.promptRetention();
                report.row(
                        key.keyId().value(),
                        key.tenantId(),
                        key.name(),
                        key.status(),
                        models == null ? null : models.allowAll(),
                        models == null ? null : models.allowed(),
                        limits.requestsPerMinute(),
                        limits.tokensPerMinute(),
                        limits.concurrency(),
                        limits.dayBudget(),
                        limits.monthBudget(),
                        limits.totalBudget(),
                        key.maxOutputTokens(),
                        retention == null ? null : DurationText.of(retention),
                        key.createdAt(),
                        key.expiresAt(),
                        key.revokedAt(),
                        key.successor());
            }
        }
        format.printList(report, out);
        return ExitCode.OK;
    }
}
