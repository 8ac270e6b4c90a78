package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Diagnosis;
import ai.neuronetz.gateway.admin.Diagnosis.Verdict;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code doctor}: what is wrong with an installation, and what mends it. */
@Command(
        name = "doctor",
        description = {
            "Look at everything that serve needs, with serve's settings, and say what is wrong and what mends it.",
            "Changes nothing. OK: as it should be. WARN: works, and should not stay so. FAIL: requests are refused, or a guard"
                    + " is open. SKIP: could not be looked at."
        },
        exitCodeList = {"0:nothing failed", "1:something failed, or with --strict is a warning", "2:wrong usage"},
        footer = {"", "Examples:", "  doctor", "  doctor --strict --json"})
final class DoctorCommand implements Callable<Integer> {

    private final Doctor doctor;
    private final PrintWriter out;

    @Option(names = "--strict", description = "Fail where there is a warning, too.")
    private boolean strict;

    @Mixin
    private OutputFormat format = new OutputFormat();

    DoctorCommand(Doctor doctor, PrintWriter out) {
        this.doctor = requireNonNull(doctor, "doctor");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Diagnosis> found = doctor.examine();
        if (format.forPeople()) {
            found.forEach(this::print);
            out.println();
            out.println(count(found, Verdict.FAIL) + " failed, " + count(found, Verdict.WARN) + " to be warned of");
        } else {
            var report = Report.of("check", "verdict", "found", "mend");
            found.forEach(one -> report.row(one.subject(), one.verdict(), one.found(), one.mend()));
            report.printJson(out);
        }
        boolean failed = count(found, Verdict.FAIL) > 0 || (strict && count(found, Verdict.WARN) > 0);
        return failed ? ExitCode.SOFTWARE : ExitCode.OK;
    }

    /** Not columns: what mends is a command to be copied, and long. */
    private void print(Diagnosis one) {
        out.printf("%-5s %-17s %s%n", one.verdict(), one.subject(), clean(one.found()));
        if (one.mend() != null) {
            out.println(" ".repeat(24) + "mend: " + clean(one.mend()));
        }
    }

    /** Names come from other servers; a control character in one must not drive the reader's terminal. */
    private static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static long count(List<Diagnosis> found, Verdict verdict) {
        return found.stream().filter(one -> one.verdict() == verdict).count();
    }
}
