package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code usage}: tokens charged per day, tenant, key and model. */
@Command(
        name = "usage",
        description = "Show the tokens charged per UTC day, tenant, key and model.",
        footer = {"", "Examples:", "  usage --tenant acme", "  usage --from 2026-11-01 --to 2026-11-30 --json"})
final class UsageCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final Clock clock;
    private final PrintWriter out;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Only this tenant.")
    private @Nullable String tenant;

    @Option(names = "--from", paramLabel = "DAY", description = "First day, UTC. Default: the first of --to's month.")
    private @Nullable LocalDate from;

    @Option(names = "--to", paramLabel = "DAY", description = "Last day, UTC. Default: today.")
    private @Nullable LocalDate to;

    @Mixin
    private OutputFormat format = new OutputFormat();

    UsageCommand(AdministrationAccess access, Clock clock, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.clock = requireNonNull(clock, "clock");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        LocalDate last = to == null ? LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC) : to;
        LocalDate first = from == null ? last.withDayOfMonth(1) : from;
        if (first.isAfter(last)) {
            throw new ConfigurationException("--from " + first + " is after --to " + last + "; swap them");
        }
        var report = Report.of("day", "tenant", "key_id", "model", "requests", "input", "output", "charged");
        try (Administration administration = access.open()) {
            for (var row : administration.usage(tenant, first, last)) {
                report.row(
                        row.day(),
                        row.tenantId(),
                        row.keyId().value(),
                        row.model(),
                        row.requests(),
                        row.input(),
                        row.output(),
                        row.charged());
            }
        }
        format.printList(report, out);
        return ExitCode.OK;
    }
}
