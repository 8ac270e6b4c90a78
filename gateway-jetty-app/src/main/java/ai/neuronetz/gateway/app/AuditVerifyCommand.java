package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AuditTrail.Check;
import ai.neuronetz.gateway.admin.AuditTrail.Progress;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.postgres.SealKey;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code audit verify}: whether the audit log is what was sealed. */
@Command(
        name = "verify",
        description = {
            "Compare every row of the audit log with its seal, and the seals with one another.",
            "Names the place where they differ: the seal, its time, the kind of row and its id."
        },
        exitCodeList = {
            "0:the log is intact",
            "1:failed; the last line of standard error says why",
            "2:wrong usage or setting",
            "3:the log was altered"
        },
        footer = {"", "Examples:", "  audit verify", "  audit verify --since 30d --expect \"$(tail -n 1 audit-heads)\""
        })
final class AuditVerifyCommand implements Callable<Integer> {

    static final int ALTERED = 3;

    private static final Pattern HEAD = Pattern.compile("([0-9]{1,18}):([0-9A-Fa-f]{64})");
    private static final long SAY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final AdministrationAccess access;
    private final Settings settings;
    private final Clock clock;
    private final PrintWriter out;
    private final PrintWriter err;
    private long saidAt = System.nanoTime();

    @Mixin
    private TimeSpan span = new TimeSpan();

    @Option(
            names = "--expect",
            paramLabel = "N:HASH",
            description = "A head that was kept elsewhere, as 'audit head' prints it and gateways log it.")
    private @Nullable String expect;

    @Mixin
    private OutputFormat format = new OutputFormat();

    AuditVerifyCommand(AdministrationAccess access, Settings settings, Clock clock, PrintWriter out, PrintWriter err) {
        this.access = requireNonNull(access, "access");
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
        this.out = requireNonNull(out, "out");
        this.err = requireNonNull(err, "err");
    }

    @Override
    public Integer call() {
        Check check = check();
        Verification verification;
        try (Administration administration = access.open()) {
            verification = administration.auditTrail().verify(check, this::say);
        }
        VerificationReport report = new VerificationReport(verification);
        if (format.forPeople()) {
            report.print(out);
        } else {
            format.printOne(report.asReport(), out);
        }
        return verification.intact() ? ExitCode.OK : ALTERED;
    }

    private Check check() {
        String key = settings.find(Setting.AUDIT_SEAL_KEY).orElse(null);
        if (key != null) {
            requireKey(key);
        }
        if (expect == null) {
            return new Check(span.since(clock), span.until(clock), null, null, key);
        }
        Matcher head = HEAD.matcher(expect.strip());
        if (!head.matches()) {
            throw new ConfigurationException(
                    "--expect: " + expect + " (expected: a number, a colon and 64 hexadecimal digits)");
        }
        return new Check(span.since(clock), span.until(clock), Long.valueOf(head.group(1)), head.group(2), key);
    }

    /** @throws ConfigurationException if it is no key */
    static void requireKey(String key) {
        try {
            SealKey.parse(key);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("AUDIT_SEAL_KEY: " + e.getMessage());
        }
    }

    private void say(Progress progress) {
        if (format.forPeople() && System.nanoTime() - saidAt >= SAY_EVERY_NANOS) {
            saidAt = System.nanoTime();
            err.println("seal " + progress.seal() + " of " + progress.lastSeal() + ", " + progress.rows() + " rows");
            err.flush();
        }
    }
}
