package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code usage}: tokens charged per day, tenant, key and model. */
@Command(
        name = "usage",
        description = {
            "Show the tokens charged per UTC day, tenant, key and model; of this month unless told otherwise.",
            "Days are whole: that of --since is the first, and the last is the one in which --until falls or that it ends."
        },
        footer = {"", "Examples:", "  usage --tenant acme", "  usage --since 2026-10-01 --until 2026-11-01 --json"})
final class UsageCommand implements Callable<Integer> {

    private static final int MAX_YEARS = 20;
    private static final long SAY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final AdministrationAccess access;
    private final Clock clock;
    private final PrintWriter out;
    private final PrintWriter err;
    private long saidAt = System.nanoTime();

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Only this tenant.")
    private @Nullable String tenant;

    @Mixin
    private TimeSpan span = new TimeSpan();

    @Mixin
    private OutputFormat format = new OutputFormat();

    UsageCommand(AdministrationAccess access, Clock clock, PrintWriter out, PrintWriter err) {
        this.access = requireNonNull(access, "access");
        this.clock = requireNonNull(clock, "clock");
        this.out = requireNonNull(out, "out");
        this.err = requireNonNull(err, "err");
    }

    @Override
    public Integer call() {
        LocalDate last = lastDay();
        Instant since = span.since(clock);
        LocalDate first = since == null ? last.withDayOfMonth(1) : LocalDate.ofInstant(since, ZoneOffset.UTC);
        if (first.isAfter(last)) {
            throw new ConfigurationException("--since " + first + " is not before --until; give an earlier --since");
        }
        if (first.isBefore(last.minusYears(MAX_YEARS))) {
            throw new ConfigurationException(
                    "--since " + first + " is too early (expected: at most " + MAX_YEARS + " years before --until)");
        }
        var report = Report.of("day", "tenant", "key_id", "model", "requests", "input", "output", "charged");
        try (Administration administration = access.open()) {
            // Month by month, each a partition of the log, so that a year is no single statement and can be followed.
            for (LocalDate day = first;
                    !day.isAfter(last);
                    day = day.withDayOfMonth(1).plusMonths(1)) {
                LocalDate end = day.with(TemporalAdjusters.lastDayOfMonth());
                read(administration, day, end.isAfter(last) ? last : end, report);
            }
        }
        format.printList(report, out);
        return ExitCode.OK;
    }

    /** The last day of which something is before {@code --until}. */
    private LocalDate lastDay() {
        Instant until = span.until(clock);
        return LocalDate.ofInstant(until == null ? clock.instant() : until.minusNanos(1), ZoneOffset.UTC);
    }

    private void read(Administration administration, LocalDate from, LocalDate to, Report report) {
        for (var row : administration.usage(tenant, from, to)) {
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
        if (format.forPeople() && System.nanoTime() - saidAt >= SAY_EVERY_NANOS) {
            saidAt = System.nanoTime();
            err.println("read up to " + to);
            err.flush();
        }
    }
}
