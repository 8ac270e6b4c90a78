package ai.neuronetz.gateway.app;

import static ai.neuronetz.gateway.admin.Diagnosis.failure;
import static ai.neuronetz.gateway.admin.Diagnosis.ok;
import static ai.neuronetz.gateway.admin.Diagnosis.skipped;
import static ai.neuronetz.gateway.admin.Diagnosis.warning;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Diagnosis;
import ai.neuronetz.gateway.identity.Pepper;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.PepperExamination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the settings are ones that {@code serve} would start with, and that nobody should worry about. */
final class SettingsExamination {

    private final Settings settings;
    private final Runnable validation;

    /** @param validation throws where {@code serve} would not start */
    SettingsExamination(Settings settings, Runnable validation) {
        this.settings = settings;
        this.validation = validation;
    }

    List<Diagnosis> examine() {
        List<Diagnosis> found = new ArrayList<>(secretFiles());
        found.add(pepper());
        try {
            validation.run();
            found.add(ok("settings", "serve starts with them"));
            Cautions.of(settings).forEach(caution -> found.add(warning("settings", caution, "see serve --help")));
        } catch (ConfigurationException e) {
            String why = String.valueOf(e.getMessage());
            // Each has a line of its own already.
            boolean told = found.stream().anyMatch(one -> one.found().equals(why));
            found.add(
                    told
                            ? skipped("settings", "mend that first")
                            : failure("settings", why, "correct it; serve does not start with it"));
        }
        return found;
    }

    private Diagnosis pepper() {
        try {
            return ofKeys(CreateKeyCommand.pepper(settings));
        } catch (ConfigurationException e) {
            String why = String.valueOf(e.getMessage());
            if (why.startsWith("both ")) {
                return failure("pepper", why, "unset KEY_PEPPER, which other programs may read");
            }
            boolean unread = !why.startsWith(Setting.KEY_PEPPER.name() + ":")
                    && settings.file(Setting.KEY_PEPPER).isPresent();
            return failure(
                    "pepper",
                    why,
                    unread
                            ? "correct the path, or: chmod 400 "
                                    + settings.file(Setting.KEY_PEPPER).orElseThrow()
                            : "give back the pepper that the keys were made with; for a new installation: (umask 077; java -jar"
                                    + " gateway-jetty-app.jar generate-pepper > pepper)");
        }
    }

    private Diagnosis ofKeys(Pepper pepper) {
        DatabaseSettings database;
        try {
            database = DatabaseSettings.parse(settings.databaseUrl());
        } catch (ConfigurationException e) {
            // Told where the database is looked at.
            return skipped("pepper", "is one; whether it is that of the keys only the database knows");
        }
        return PepperExamination.of(database, pepper.fingerprint());
    }

    private List<Diagnosis> secretFiles() {
        List<Diagnosis> found = new ArrayList<>();
        boolean any = false;
        for (Setting setting : ServeCommand.SETTINGS) {
            Path file = setting.hasFile() ? settings.file(setting).orElse(null) : null;
            if (file == null) {
                continue;
            }
            any = true;
            Optional<Diagnosis> open = open(setting, file);
            open.ifPresent(found::add);
        }
        if (found.isEmpty()) {
            found.add(
                    any
                            ? ok("secret files", "only their owner can read them")
                            : skipped("secret files", "no secret is in a file"));
        }
        return found;
    }

    private static Optional<Diagnosis> open(Setting setting, Path file) {
        try {
            var permissions = Files.getPosixFilePermissions(file);
            @Nullable String who = null;
            if (permissions.contains(PosixFilePermission.OTHERS_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                who = "every user";
            } else if (permissions.contains(PosixFilePermission.GROUP_READ)
                    || permissions.contains(PosixFilePermission.GROUP_WRITE)) {
                who = "its group";
            }
            return Optional.ofNullable(who)
                    .map(reader -> warning(
                            "secret files",
                            file + " (" + setting.fileVariable() + ") can be read or changed by " + reader,
                            "chmod 400 " + file));
        } catch (IOException | UnsupportedOperationException e) {
            // What cannot be read is told by the setting; what has no permissions cannot be open by them.
            return Optional.empty();
        }
    }
}
