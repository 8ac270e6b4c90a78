package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.Migration;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code migrate}: brings schema and roles of the database up to this version. */
@Command(
        name = "migrate",
        description = {
            "Create or update the gateway's schema and roles. Can be repeated.",
            "DATABASE_URL must name an administrator here: a superuser, or a role that may create roles and schemas."
        },
        footer = {
            "",
            "Example:",
            "  migrate --database-url-file owner-url --gateway-app-password-file app-password \\",
            "          --gateway-cli-password-file cli-password"
        })
final class MigrateCommand implements Callable<Integer> {

    private final Settings settings;
    private final PrintWriter out;

    @Mixin
    private OutputFormat format = new OutputFormat();

    MigrateCommand(Settings settings, PrintWriter out) {
        this.settings = requireNonNull(settings, "settings");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() {
        DatabaseSettings administrator = DatabaseSettings.parse(settings.databaseUrl());
        String appPassword = settings.find(Setting.GATEWAY_APP_PASSWORD).orElse(null);
        String cliPassword = settings.find(Setting.GATEWAY_CLI_PASSWORD).orElse(null);
        Migration.migrate(administrator, appPassword, cliPassword);
        format.printDone("schema and roles are up to date", Report.of("status").row("up to date"), out);
        return ExitCode.OK;
    }
}
