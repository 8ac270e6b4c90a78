package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code audit export}: everything, a line each. */
@Command(
        name = "export",
        description = {
            "Print the audit log as JSON lines: every row with all its columns, kind by kind, oldest first.",
            "A request is two lines, its admission and its settlement. Seals are there too, unless one tenant or key is asked"
                    + " for."
        },
        footer = {"", "Example:", "  audit export --since 2026-11-01 --until 2026-12-01 | gzip > audit-2026-11.jsonl.gz"
        })
final class AuditExportCommand implements Callable<Integer> {

    private static final int CHECK_EVERY = 1_000;

    private final AdministrationAccess access;
    private final Clock clock;
    private final PrintWriter out;
    private long lines;

    @Mixin
    private AuditSelection selection = new AuditSelection();

    AuditExportCommand(AdministrationAccess access, Clock clock, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.clock = requireNonNull(clock, "clock");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        var filter = selection.filter(clock);
        try (Administration administration = access.open()) {
            administration.auditTrail().export(filter, this::print);
        }
        requireReader();
        return ExitCode.OK;
    }

    private void print(String line) {
        // Not println, which flushes.
        out.write(line);
        out.write('\n');
        if (++lines % CHECK_EVERY == 0) {
            requireReader();
        }
    }

    /** Who stops reading must neither keep the database busy nor take what there is for all. */
    private void requireReader() {
        if (out.checkError()) {
            throw new AdministrationException("standard output was closed; what was exported is not complete");
        }
    }
}
