package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.admin.PromptAdministration.Prompt;
import java.io.PrintWriter;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code prompts show}: what was asked and answered in one request. */
@Command(
        name = "show",
        description = "Show what was asked and answered in one request, redacted. Audited before it is shown.",
        footer = {"", "Example:", "  prompts show 0198c2f4-7d1e-7c3a-9a55-2f6d0c1b7e42"})
final class PromptsShowCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final PrintWriter out;

    @Parameters(paramLabel = "REQUEST-ID", description = "As 'prompts list' and the answer's X-Request-ID have it.")
    private String request = "";

    @Mixin
    private OutputFormat format = new OutputFormat();

    PromptsShowCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        UUID requestId = requestId();
        Prompt prompt;
        try (Administration administration = access.open()) {
            prompt = administration
                    .prompts()
                    .read(requestId)
                    .orElseThrow(() -> new AdministrationException(
                            "no prompt of request " + requestId + " is kept, or not any more; see prompts list"));
        }
        if (format.forPeople()) {
            format.printOne(head(prompt), out);
            printText("prompt", prompt.prompt(), prompt.promptCut());
            printText("answer", prompt.answer(), prompt.answerCut());
        } else {
            format.printOne(whole(prompt), out);
        }
        return ExitCode.OK;
    }

    private UUID requestId() {
        try {
            return UUID.fromString(request);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "REQUEST-ID: " + request + " (expected: a UUID such as 0198c2f4-7d1e-7c3a-9a55-2f6d0c1b7e42)");
        }
    }

    private static Report head(Prompt prompt) {
        var row = prompt.row();
        return Report.of("request_id", "at", "gone_at", "tenant", "key_id", "model", "endpoint", "outcome")
                .row(
                        row.requestId(),
                        row.at(),
                        row.goneAt(),
                        row.tenantId(),
                        row.keyId().value(),
                        row.model(),
                        row.endpoint(),
                        row.outcome());
    }

    private static Report whole(Prompt prompt) {
        var row = prompt.row();
        return Report.of(
                        "request_id",
                        "at",
                        "gone_at",
                        "tenant",
                        "key_id",
                        "model",
                        "endpoint",
                        "outcome",
                        "prompt",
                        "prompt_cut",
                        "answer",
                        "answer_cut")
                .row(
                        row.requestId(),
                        row.at(),
                        row.goneAt(),
                        row.tenantId(),
                        row.keyId().value(),
                        row.model(),
                        row.endpoint(),
                        row.outcome(),
                        prompt.prompt(),
                        prompt.promptCut(),
                        prompt.answer(),
                        prompt.answerCut());
    }

    private void printText(String name, String text, boolean cut) {
        out.println();
        out.println("--- " + name + (cut ? ", the beginning" : "") + " ---");
        // What was said must not drive the reader's terminal.
        out.println(text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?"));
    }
}
