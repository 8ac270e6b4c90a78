package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.ModelPolicy;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code set-models}: which of the installed models a tenant or a key may use. */
@Command(
        name = "set-models",
        description = "Say which models a tenant or a key may use. Replaces what was said before.",
        footer = {
            "",
            "Examples:",
            "  set-models --tenant acme --allow llama3:8b,nomic-embed-text",
            "  set-models --tenant acme --allow-all",
            "  set-models --key 4fT0aZ81kQwe --inherit"
        })
final class SetModelsCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final PrintWriter out;

    @ArgGroup(multiplicity = "1")
    private TenantOrKey subject = new TenantOrKey();

    @ArgGroup(multiplicity = "1")
    private ModelChoice choice = new ModelChoice();

    @Mixin
    private OutputFormat format = new OutputFormat();

    SetModelsCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        String tenant = subject.tenant();
        if (tenant != null && choice.inherited()) {
            throw new ConfigurationException("--inherit is for keys; give --key, or for the tenant --deny-all");
        }
        ModelPolicy policy = choice.inherited() ? null : choice.policy();
        KeyId key = tenant == null ? subject.key() : null;
        try (Administration administration = access.open()) {
            if (key != null) {
                administration.setKeyModels(key, policy);
            } else if (tenant != null && policy != null) {
                administration.setTenantModels(tenant, policy);
            }
        }
        var report = Report.of("tenant", "key_id", "inherit", "allow_all_models", "models")
                .row(
                        tenant,
                        key,
                        policy == null,
                        policy == null ? null : policy.allowAll(),
                        policy == null ? null : policy.allowed());
        format.printDone("models set; they hold for every request from now on", report, out);
        return ExitCode.OK;
    }
}
