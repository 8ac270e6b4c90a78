package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.KeyId;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** {@code revoke-key}: ends a key for good, at every replica. */
@Command(
        name = "revoke-key",
        description = "Revoke a key, for good: no request is admitted with it any more, and running answers are cut.",
        footer = {"", "Example:", "  revoke-key --key 4fT0aZ81kQwe"})
final class RevokeKeyCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final PrintWriter out;

    @Option(names = "--key", required = true, paramLabel = "KEY-ID", description = "The key, by its 12 character id.")
    private String key = "";

    RevokeKeyCommand(AdministrationAccess access, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        KeyId keyId = TenantOrKey.keyId("--key", key);
        try (Administration administration = access.open()) {
            administration.revokeKey(keyId);
        }
        out.println("revoked " + keyId);
        return ExitCode.OK;
    }
}
