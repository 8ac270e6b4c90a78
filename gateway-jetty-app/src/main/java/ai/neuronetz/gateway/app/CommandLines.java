package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.admin.AdministrationException;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** Puts the commands together and turns whatever goes wrong into one line and an exit code. */
final class CommandLines {

    private static final Logger LOG = LoggerFactory.getLogger(CommandLines.class);

    private final Map<String, String> environment;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Clock clock;
    private final Function<String, Administration> connect;
    private final Function<GatewaySettings, Gateway> gateway;
    private final StopSignal stopSignal;

    /**
     * @param connect takes the database's URL, user and password in it
     * @param gateway opens what {@code serve} serves
     */
    CommandLines(
            Map<String, String> environment,
            PrintWriter out,
            PrintWriter err,
            Clock clock,
            Function<String, Administration> connect,
            Function<GatewaySettings, Gateway> gateway,
            StopSignal stopSignal) {
        this.environment = Map.copyOf(environment);
        this.out = requireNonNull(out, "out");
        this.err = requireNonNull(err, "err");
        this.clock = requireNonNull(clock, "clock");
        this.connect = requireNonNull(connect, "connect");
        this.gateway = requireNonNull(gateway, "gateway");
        this.stopSignal = requireNonNull(stopSignal, "stopSignal");
    }

    /** Runs one command to its end. */
    int execute(String... arguments) {
        int exitCode = root().execute(arguments);
        out.flush();
        err.flush();
        return exitCode;
    }

    /** All commands, to be run or described. */
    CommandLine root() {
        CommandLine root = new CommandLine(new RootCommand());
        addServe(root);
        addDoctor(root);
        addMigrate(root);
        addAdministrative(root);
        Settings ollama = Settings.of(environment, Setting.OLLAMA_URL);
        add(root, new ListModelsCommand(ollama, out), ollama);
        root.addSubcommand(new GeneratePepperCommand(out));
        root.addSubcommand(new HealthCommand(out));
        root.addSubcommand(new CompletionCommand(out));
        // These hold for the subcommands there are by now.
        root.setOut(out);
        root.setErr(err);
        root.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        root.setUsageHelpAutoWidth(false);
        root.setUsageHelpWidth(110);
        root.setParameterExceptionHandler(this::refuse);
        root.setExecutionExceptionHandler((failure, command, result) -> fail(failure));
        return root;
    }

    private void addServe(CommandLine root) {
        Settings settings = Settings.of(environment, ServeCommand.SETTINGS);
        add(root, new ServeCommand(settings, environment.keySet(), gateway, stopSignal, out), settings);
    }

    private void addDoctor(CommandLine root) {
        Settings settings = Settings.of(environment, ServeCommand.SETTINGS);
        ServeCommand serve = new ServeCommand(settings, environment.keySet(), gateway, stopSignal, out);
        Doctor doctor = new Doctor(settings, serve::requireSettings, OllamaExamination::reachableAddresses);
        add(root, new DoctorCommand(doctor, out), settings);
    }

    private void addMigrate(CommandLine root) {
        Settings settings = Settings.of(
                environment,
                Setting.DATABASE_URL,
                Setting.DATABASE_USER,
                Setting.DATABASE_PASSWORD,
                Setting.GATEWAY_APP_PASSWORD,
                Setting.GATEWAY_CLI_PASSWORD);
        add(root, new MigrateCommand(settings, out), settings);
    }

    private void addAdministrative(CommandLine root) {
        Settings database = databaseSettings();
        AdministrationAccess access = new AdministrationAccess(database, connect);
        add(root, new CreateTenantCommand(access, out), database);
        add(root, new ListTenantsCommand(access, out), database);
        add(root, new SetModelsCommand(access, out), database);
        add(root, new SetLimitsCommand(access, out), database);
        Settings withPepper = Settings.of(
                environment,
                Setting.DATABASE_URL,
                Setting.DATABASE_USER,
                Setting.DATABASE_PASSWORD,
                Setting.KEY_PEPPER);
        AdministrationAccess making = new AdministrationAccess(withPepper, connect);
        add(root, new CreateKeyCommand(making, withPepper, clock, out, err), withPepper);
        add(root, new ListKeysCommand(access, out), database);
        add(root, new RotateKeyCommand(making, withPepper, Confirmation::atTerminal, out, err), withPepper);
        add(root, new RevokeKeyCommand(access, Confirmation::unlessScripted, out), database);
        add(root, new SetPromptsCommand(access, out), database);
        add(root, new UsageCommand(access, clock, out, err), database);
        CommandLine audit = new CommandLine(new AuditCommand());
        add(audit, new AuditListCommand(access, clock, out), database);
        add(audit, new AuditExportCommand(access, clock, out), database);
        add(audit, new AuditHeadCommand(access, out), database);
        Settings withSealKey = Settings.of(
                environment,
                Setting.DATABASE_URL,
                Setting.DATABASE_USER,
                Setting.DATABASE_PASSWORD,
                Setting.AUDIT_SEAL_KEY);
        AdministrationAccess verifying = new AdministrationAccess(withSealKey, connect);
        add(audit, new AuditVerifyCommand(verifying, withSealKey, clock, out, err), withSealKey);
        root.addSubcommand(audit);
        CommandLine prompts = new CommandLine(new PromptsCommand());
        add(prompts, new PromptsListCommand(access, clock, out), database);
        add(prompts, new PromptsShowCommand(access, out), database);
        add(prompts, new PromptsPurgeCommand(access, clock, Confirmation::atTerminal, out), database);
        root.addSubcommand(prompts);
    }

    private Settings databaseSettings() {
        return Settings.of(environment, Setting.DATABASE_URL, Setting.DATABASE_USER, Setting.DATABASE_PASSWORD);
    }

    private static void add(CommandLine parent, Object command, Settings settings) {
        CommandLine line = new CommandLine(command);
        settings.addFlagsTo(line.getCommandSpec());
        parent.addSubcommand(line);
    }

    private int refuse(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        if (command.getCommandSpec().userObject() instanceof RootCommand && arguments.length == 0) {
            command.usage(err);
        } else {
            err.println(oneLine(failure.getMessage()) + "; see "
                    + command.getCommandSpec().qualifiedName() + " --help");
        }
        return ExitCode.USAGE;
    }

    private int fail(Exception failure) {
        if (failure instanceof ConfigurationException) {
            err.println(oneLine(failure.getMessage()));
            return ExitCode.USAGE;
        }
        if (failure instanceof AdministrationException || failure instanceof StoreUnavailableException) {
            err.println(oneLine(failure.getMessage()));
            return ExitCode.SOFTWARE;
        }
        LOG.error("This should not have happened; please report it", failure);
        return ExitCode.SOFTWARE;
    }

    private static String oneLine(@Nullable String message) {
        return String.valueOf(message).strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
    }
}
