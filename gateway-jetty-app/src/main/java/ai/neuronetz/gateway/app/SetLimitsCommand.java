package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code set-limits}: rates, budgets and the cap on one answer of a tenant or a key. */
@Command(
        name = "set-limits",
        description = "Set limits of a tenant or a key. A limit that is not given stays; 'none' takes it away.",
        footer = {
            "",
            "Examples:",
            "  set-limits --tenant acme --rpm 600 --tpm 200000 --month-budget 50000000",
            "  set-limits --key 4fT0aZ81kQwe --concurrency 2 --day-budget none"
        })
final class SetLimitsCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final PrintWriter out;

    @ArgGroup(multiplicity = "1")
    private TenantOrKey subject = new TenantOrKey();

    @Mixin
    private LimitChanges changes = new LimitChanges();

    @Mixin
    private OutputFormat format = new OutputFormat();

    SetLimitsCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        changes.requireSome();
        String tenant = subject.tenant();
        if (tenant == null) {
            setOfKey(subject.key());
        } else {
            setOfTenant(tenant);
        }
        return ExitCode.OK;
    }

    private void setOfTenant(String tenant) {
        try (Administration administration = access.open()) {
            var row = administration.tenants().stream()
                    .filter(candidate -> candidate.tenantId().equals(tenant))
                    .findFirst()
                    .orElseThrow(() -> new AdministrationException(
                            "there is no tenant " + tenant + "; see list-tenants, or create it with create-tenant"));
            Limits limits = changes.applyTo(row.limits());
            Integer maxOutput = changes.applyTo(row.maxOutputTokens());
            administration.setTenantLimits(tenant, limits, maxOutput);
            print("tenant", tenant, limits, maxOutput);
        }
    }

    private void setOfKey(KeyId key) {
        try (Administration administration = access.open()) {
            var row = administration.keys(null).stream()
                    .filter(candidate -> candidate.keyId().equals(key))
                    .findFirst()
                    .orElseThrow(() -> new AdministrationException("there is no key " + key + "; see list-keys"));
            Limits limits = changes.applyTo(row.limits());
            Integer maxOutput = changes.applyTo(row.maxOutputTokens());
            administration.setKeyLimits(key, limits, maxOutput);
            print("key_id", key.value(), limits, maxOutput);
        }
    }

    private void print(String column, String subjectId, Limits limits, @Nullable Integer maxOutput) {
        var report = Report.of(
                        column,
                        "requests_per_minute",
                        "tokens_per_minute",
                        "concurrency",
                        "day_budget",
                        "month_budget",
                        "total_budget",
                        "max_output_tokens")
                .row(
                        subjectId,
                        limits.requestsPerMinute(),
                        limits.tokensPerMinute(),
                        limits.concurrency(),
                        limits.dayBudget(),
                        limits.monthBudget(),
                        limits.totalBudget(),
                        maxOutput);
        format.printOne(report, out);
    }
}
