package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code create-tenant}: somebody new who owns keys and is billed. Allows no model until {@code set-models}. */
@Command(
        name = "create-tenant",
        description = "Create a tenant. It may use no model until set-models says which.",
        footer = {"", "Example:", "  create-tenant --tenant acme --name 'Acme Ltd.'"})
final class CreateTenantCommand implements Callable<Integer> {

    private static final Pattern TENANT_ID = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    private final AdministrationAccess access;
    private final PrintWriter out;

    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "TENANT",
            description = "Its id: lower-case letters, digits, _ and -; at most 63.")
    private String tenant = "";

    @Option(names = "--name", paramLabel = "NAME", description = "A name for people. Default: the id.")
    private @Nullable String name;

    @Mixin
    private OutputFormat format = new OutputFormat();

    CreateTenantCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        if (!TENANT_ID.matcher(tenant).matches()) {
            throw new ConfigurationException("--tenant: " + tenant
                    + " (expected: lower-case letters, digits, _ and -; at most 63, a letter or digit first)");
        }
        String displayName = name == null ? tenant : name;
        try (Administration administration = access.open()) {
            administration.createTenant(tenant, displayName);
        }
        format.printOne(Report.of("tenant", "name").row(tenant, displayName), out);
        return ExitCode.OK;
    }
}
