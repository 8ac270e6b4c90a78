package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.identity.KeyId;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code revoke-key}: ends a key for good, at every replica. */
@Command(
        name = "revoke-key",
        description = {
            "Revoke a key, for good: no request is admitted with it any more, and running answers are cut.",
            "Asks first at a terminal, since it cannot be undone; a script is not asked."
        },
        footer = {"", "Examples:", "  revoke-key --key 4fT0aZ81kQwe", "  revoke-key --key 4fT0aZ81kQwe --yes"})
final class RevokeKeyCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final Confirmation confirmation;
    private final PrintWriter out;

    @Option(names = "--key", required = true, paramLabel = "KEY-ID", description = "The key, by its 12 character id.")
    private String key = "";

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Mixin
    private OutputFormat format = new OutputFormat();

    RevokeKeyCommand(AdministrationAccess access, Confirmation confirmation, PrintWriter out) {
        this.access = requireNonNull(access, "access");
        this.confirmation = requireNonNull(confirmation, "confirmation");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        KeyId keyId = TenantOrKey.keyId("--key", key);
        if (!yes && !confirmation.given("Revoke the key " + keyId + " for good?")) {
            throw new AdministrationException("nothing was revoked");
        }
        try (Administration administration = access.open()) {
            administration.revokeKey(keyId);
        }
        format.printDone("revoked " + keyId, Report.of("key_id", "status").row(keyId, "revoked"), out);
        return ExitCode.OK;
    }
}
