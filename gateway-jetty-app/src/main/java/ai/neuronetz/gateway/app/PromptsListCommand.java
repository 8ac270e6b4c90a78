package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.PromptAdministration.PromptRow;
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

/** {@code prompts list}: which prompts were kept, without what was said. */
@Command(
        name = "list",
        description = "List prompts that were kept, newest first, without what was said. Audited.",
        footer = {
            "",
            "Examples:",
            "  prompts list --key 4fT0aZ81kQwe",
            "  prompts list --tenant acme --since 24h --json"
        })
final class PromptsListCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final Clock clock;
    private final PrintWriter out;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Only this tenant.")
    private @Nullable String tenant;

    @Option(names = "--key", paramLabel = "KEY-ID", description = "Only this key, by its 12 character id.")
    private @Nullable String key;

    @Option(names = "--since", paramLabel = "TIME", description = "Only from then on: " + PointInTime.EXPECTED + ".")
    private @Nullable String since;

    @Mixin
    private RowLimit limit = new RowLimit();

    @Mixin
    private OutputFormat format = new OutputFormat();

    PromptsListCommand(AdministrationAccess access, Clock clock, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.clock = requireNonNull(clock, "clock");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        int most = limit.checked();
        KeyId keyId = key == null ? null : TenantOrKey.keyId("--key", key);
        Instant from = since == null ? null : PointInTime.parse("--since", since, clock);
        var report = Report.of(
                "at",
                "tenant",
                "key_id",
                "model",
                "endpoint",
                "outcome",
                "prompt_length",
                "answer_length",
                "gone_at",
                "request_id");
        try (Administration administration = access.open()) {
            for (PromptRow row : administration.prompts().list(tenant, keyId, from, most)) {
                report.row(
                        row.at(),
                        row.tenantId(),
                        row.keyId().value(),
                        row.model(),
                        row.endpoint(),
                        row.outcome(),
                        row.promptLength(),
                        row.answerLength(),
                        row.goneAt(),
                        row.requestId());
            }
        }
        format.printList(report, out);
        return ExitCode.OK;
    }
}
