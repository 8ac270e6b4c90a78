package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.identity.KeyId;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code prompts purge}: deletes what was kept, before its time. */
@Command(
        name = "purge",
        description = "Delete prompts and answers that were kept, for good; all of them if nothing is given. Audited.",
        footer = {
            "",
            "Examples:",
            "  prompts purge --key 4fT0aZ81kQwe",
            "  prompts purge --tenant acme --until 24h --yes"
        })
final class PromptsPurgeCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final Clock clock;
    private final Confirmation confirmation;
    private final PrintWriter out;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Only those of this tenant.")
    private @Nullable String tenant;

    @Option(names = "--key", paramLabel = "KEY-ID", description = "Only those of this key, by its 12 character id.")
    private @Nullable String key;

    @Option(
            names = {"--until", "--before"},
            paramLabel = "TIME",
            description = "Only those before: " + PointInTime.EXPECTED + ".")
    private @Nullable String until;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Mixin
    private OutputFormat format = new OutputFormat();

    PromptsPurgeCommand(AdministrationAccess access, Clock clock, Confirmation confirmation, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.clock = requireNonNull(clock, "clock");
        this.confirmation = requireNonNull(confirmation, "confirmation");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        KeyId keyId = key == null ? null : TenantOrKey.keyId("--key", key);
        Instant end = until == null ? null : PointInTime.parse("--until", until, clock);
        String what = (tenant == null && keyId == null && end == null ? "all prompts" : "the prompts")
                + (tenant == null ? "" : " of tenant " + tenant)
                + (keyId == null ? "" : " of key " + keyId)
                + (end == null ? "" : " before " + end);
        if (!yes && !confirmation.given("Delete " + what + " for good?")) {
            throw new AdministrationException("nothing was deleted");
        }
        long purged;
        try (Administration administration = access.open()) {
            purged = administration.prompts().purge(tenant, keyId, end);
        }
        format.printDone(
                "purged " + purged + (purged == 1 ? " prompt" : " prompts"),
                Report.of("purged").row(purged),
                out);
        return ExitCode.OK;
    }
}
