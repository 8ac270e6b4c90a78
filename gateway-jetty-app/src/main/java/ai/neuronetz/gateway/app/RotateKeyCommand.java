package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.Administration.Rotation;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyHash;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Pepper;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rotate-key}: replaces a key by a new one on the same terms, both valid for a while. */
@Command(
        name = "rotate-key",
        description = {
            "Make a new key on the same terms and show it, only this once. The old key ends after the overlap.",
            "Tenant, name, models, limits, retention of prompts and expiry are those of the old key, and budgets go on from"
                    + " where they stand."
        },
        footer = {
            "",
            "Examples:",
            "  rotate-key --key 4fT0aZ81kQwe",
            "  rotate-key --key 4fT0aZ81kQwe --overlap 0 --yes --json"
        })
final class RotateKeyCommand implements Callable<Integer> {

    private static final Duration LONGEST = Duration.ofDays(366);

    private final AdministrationAccess access;
    private final Settings settings;
    private final Confirmation confirmation;
    private final PrintWriter out;
    private final PrintWriter err;

    @Option(names = "--key", required = true, paramLabel = "KEY-ID", description = "The key, by its 12 character id.")
    private String key = "";

    @Option(
            names = "--overlap",
            paramLabel = "TIME",
            description = "How long the old key still works, such as 1h or 7d; 0 revokes it at once, cuts its running"
                    + " answers, and asks first. Default: ${DEFAULT-VALUE}.")
    private String overlap = "24h";

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Mixin
    private OutputFormat format = new OutputFormat();

    RotateKeyCommand(
            AdministrationAccess access,
            Settings settings,
            Confirmation confirmation,
            PrintWriter out,
            PrintWriter err) {
        this.access = requireNonNull(access, "access");
        this.settings = requireNonNull(settings, "settings");
        this.confirmation = requireNonNull(confirmation, "confirmation");
        this.out = requireNonNull(out, "out");
        this.err = requireNonNull(err, "err");
    }

    @Override
    public Integer call() {
        KeyId old = TenantOrKey.keyId("--key", key);
        Duration time = overlap();
        if (time.isZero() && !yes && !confirmation.given("Revoke the key " + old + " at once, for good?")) {
            throw new AdministrationException("nothing was rotated");
        }
        Pepper pepper = CreateKeyCommand.pepper(settings);
        ApiKey successor = ApiKey.generate();
        Rotation rotation;
        boolean others;
        try (Administration administration = access.open()) {
            String phc = KeyHash.standard().hash(successor);
            others = administration.notePepper(pepper.fingerprint());
            rotation = administration.rotateKey(old, successor.id(), pepper.lookupCode(successor), phc, time);
        }
        var report = Report.of("tenant", "key_id", "name", "expires_at", "old_key_id", "old_key_ends_at", "key")
                .row(
                        rotation.tenantId(),
                        successor.id(),
                        rotation.name(),
                        rotation.expiresAt(),
                        old,
                        rotation.oldEndsAt(),
                        successor.reveal());
        format.printOne(report, out);
        if (format.forPeople()) {
            out.println();
            out.println("Store the key now: it is not shown again."
                    + (time.isZero() ? " The old key is revoked." : " The old key works until it ends."));
        }
        if (others) {
            CreateKeyCommand.warnOfOtherPeppers(err);
        }
        return ExitCode.OK;
    }

    private Duration overlap() {
        if (overlap.strip().equals("0")) {
            return Duration.ZERO;
        }
        return DurationText.parse(overlap)
                .filter(time -> time.compareTo(LONGEST) <= 0)
                .orElseThrow(() -> new ConfigurationException(
                        "--overlap: " + overlap + " (expected: 0, or " + DurationText.EXPECTED + "; 366d at most)"));
    }
}
