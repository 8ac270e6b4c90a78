package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.KeyId;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code set-prompts}: whether prompts and answers of a key are kept, and how long. */
@Command(
        name = "set-prompts",
        description = {
            "Have prompts and answers of a key kept, redacted and for a time, or no more of them.",
            "What has been kept goes at its time; 'prompts purge' deletes it before."
        },
        footer = {
            "",
            "Examples:",
            "  set-prompts --key 4fT0aZ81kQwe --on --keep 24h",
            "  set-prompts --key 4fT0aZ81kQwe --off"
        })
final class SetPromptsCommand implements Callable<Integer> {

    /** For who does not say how long. */
    static final Duration DEFAULT_RETENTION = Duration.ofDays(7);

    private static final Duration LONGEST = Duration.ofDays(366);

    private final AdministrationAccess access;
    private final PrintWriter out;

    @Option(names = "--key", required = true, paramLabel = "KEY-ID", description = "The key, by its 12 character id.")
    private String key = "";

    @ArgGroup(multiplicity = "1")
    private Switch position = new Switch();

    @Option(
            names = "--keep",
            paramLabel = "TIME",
            description = "With --on: how long each is kept, such as 24h or 30d; 366d at most. Default: 7d.")
    private @Nullable String keep;

    @Mixin
    private OutputFormat format = new OutputFormat();

    /** Exactly one of the two. */
    private static final class Switch {

        @Option(names = "--on", required = true, description = "Keep prompts and answers from now on.")
        private boolean on;

        @Option(names = "--off", required = true, description = "Keep no more.")
        private boolean off;
    }

    SetPromptsCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        KeyId keyId = TenantOrKey.keyId("--key", key);
        if (position.off && keep != null) {
            throw new ConfigurationException("--keep goes with --on; leave it out");
        }
        Duration retention = position.on ? retention() : null;
        try (Administration administration = access.open()) {
            administration.prompts().setRetention(keyId, retention);
        }
        String kept = retention == null ? null : DurationText.of(retention);
        format.printDone(
                "prompts of " + keyId + (kept == null ? " are not kept" : " are kept for " + kept),
                Report.of("key_id", "prompts_kept").row(keyId, kept),
                out);
        return ExitCode.OK;
    }

    private Duration retention() {
        if (keep == null) {
            return DEFAULT_RETENTION;
        }
        String text = keep;
        return DurationText.parse(text)
                .filter(time -> !time.isZero() && time.compareTo(LONGEST) <= 0)
                .orElseThrow(() -> new ConfigurationException("--keep: " + text + " (expected: " + DurationText.EXPECTED
                        + "; longer than zero, 366d at most)"));
    }
}
