package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyHash;
import ai.neuronetz.gateway.identity.Pepper;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code create-key}: a new key of a tenant, shown this once and stored only as a hash. */
@Command(
        name = "create-key",
        description = "Create an API key and show it. It is shown only this once.",
        footer = {
            "",
            "Examples:",
            "  create-key --tenant acme --name ci --expires-in 90d",
            "  create-key --tenant acme --json | jq -r .key"
        })
final class CreateKeyCommand implements Callable<Integer> {

    private final AdministrationAccess access;
    private final Settings settings;
    private final Clock clock;
    private final PrintWriter out;
    private final PrintWriter err;

    @Option(names = "--tenant", required = true, paramLabel = "TENANT", description = "Who owns the key.")
    private String tenant = "";

    @Option(names = "--name", paramLabel = "NAME", description = "What the key is for. Default: ${DEFAULT-VALUE}.")
    private String name = "key";

    @ArgGroup
    private @Nullable Expiry expiry;

    @Option(
            names = "--log-prompts",
            description = "Keep prompts and answers, redacted, for 7 days; set-prompts changes that.")
    private boolean logPrompts;

    @Mixin
    private OutputFormat format = new OutputFormat();

    /** When a key ends; at most one of the two. */
    private static final class Expiry {

        @Option(names = "--expires-in", paramLabel = "TIME", description = "How long it is valid, such as 90d or 12h.")
        private @Nullable String duration;

        @Option(
                names = "--expires-at",
                paramLabel = "INSTANT",
                description = "When it ends, such as 2027-01-31T00:00:00Z.")
        private @Nullable String instant;
    }

    CreateKeyCommand(AdministrationAccess access, Settings settings, Clock clock, PrintWriter out, PrintWriter err) {
        this.access = requireNonNull(access, "access");
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
        this.out = requireNonNull(out, "out");
        this.err = requireNonNull(err, "err");
    }

    @Override
    public Integer call() {
        Instant expiresAt = expiry == null ? null : expiresAt(expiry);
        Pepper pepper = pepper(settings);
        ApiKey key = ApiKey.generate();
        boolean others;
        try (Administration administration = access.open()) {
            String phc = KeyHash.standard().hash(key);
            others = administration.notePepper(pepper.fingerprint());
            administration.createKey(tenant, key.id(), name, pepper.lookupCode(key), phc, expiresAt);
            if (logPrompts) {
                // If this fails there is a key that nobody has seen, and that is of use to nobody.
                administration.prompts().setRetention(key.id(), SetPromptsCommand.DEFAULT_RETENTION);
            }
        }
        var report = Report.of("tenant", "key_id", "name", "expires_at", "key")
                .row(tenant, key.id().value(), name, expiresAt, key.reveal());
        format.printOne(report, out);
        if (format.forPeople()) {
            out.println();
            out.println("Store the key now: it is not shown again.");
        }
        if (others) {
            warnOfOtherPeppers(err);
        }
        return ExitCode.OK;
    }

    /** @throws ConfigurationException if it is missing or no pepper; the message does not quote it */
    static Pepper pepper(Settings settings) {
        String text = settings.required(Setting.KEY_PEPPER);
        try {
            return Pepper.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "KEY_PEPPER: expected at least 32 random bytes in base64 or hexadecimal; make one with generate-pepper");
        }
    }

    /** Where keys were made under another pepper too: one gateway cannot serve both. */
    static void warnOfOtherPeppers(PrintWriter err) {
        err.println(
                "WARN  Other keys were made with another KEY_PEPPER. A gateway serves only those made with its own; see doctor.");
    }

    private Instant expiresAt(Expiry given) {
        Instant now = clock.instant();
        Instant end;
        if (given.duration != null) {
            String text = given.duration;
            end = DurationText.parse(text)
                    .map(now::plus)
                    .orElseThrow(() -> new ConfigurationException(
                            "--expires-in: " + text + " (expected: " + DurationText.EXPECTED + ")"));
        } else {
            try {
                end = Instant.parse(requireNonNull(given.instant, "instant"));
            } catch (DateTimeException e) {
                throw new ConfigurationException(
                        "--expires-at: " + given.instant + " (expected: an instant such as 2027-01-31T00:00:00Z)");
            }
        }
        if (!end.isAfter(now)) {
            throw new ConfigurationException("the key would have expired already; give a later time");
        }
        return end;
    }
}
