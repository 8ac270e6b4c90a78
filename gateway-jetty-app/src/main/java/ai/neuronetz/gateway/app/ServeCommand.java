package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.admin.Diagnosis;
import ai.neuronetz.gateway.identity.Pepper;
import ai.neuronetz.gateway.identity.TrustedProxies;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.PepperExamination;
import ai.neuronetz.gateway.servlet.AllowedOrigins;
import ai.neuronetz.gateway.servlet.Playground;
import ai.neuronetz.gateway.upstream.Timeouts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** {@code serve}: the gateway itself, until SIGTERM or SIGINT. */
@Command(
        name = "serve",
        description = {
            "Run the gateway until SIGTERM or SIGINT; then admit nothing more, let open answers end, and stop.",
            "Every option is also an environment variable; secrets are read from the environment or from files,"
                    + " since command lines can be read by others."
        },
        footer = {
            "",
            "Example:",
            "  serve --database-url-file app-url --redis-url redis://127.0.0.1:6379 \\",
            "        --ollama-url http://127.0.0.1:11434 --key-pepper-file pepper"
        })
final class ServeCommand implements Callable<Integer> {

    static final Setting[] SETTINGS = {
        Setting.DATABASE_URL,
        Setting.DATABASE_USER,
        Setting.DATABASE_PASSWORD,
        Setting.REDIS_URL,
        Setting.OLLAMA_URL,
        Setting.KEY_PEPPER,
        Setting.AUDIT_SEAL_KEY,
        Setting.LISTEN_HOST,
        Setting.LISTEN_PORT,
        Setting.TLS_CERTIFICATE_FILE,
        Setting.TLS_KEY_FILE,
        Setting.MANAGEMENT_HOST,
        Setting.MANAGEMENT_PORT,
        Setting.LOG_FORMAT,
        Setting.LOG_REQUESTS,
        Setting.MAX_CONNECTIONS,
        Setting.CLIENT_HEADER_TIMEOUT,
        Setting.CLIENT_BODY_TIMEOUT,
        Setting.CLIENT_WRITE_TIMEOUT,
        Setting.CORS_ALLOWED_ORIGINS,
        Setting.PLAYGROUND_ENABLED,
        Setting.PLAYGROUND_FILE,
        Setting.DISCOVERY_INTERVAL,
        Setting.DISCOVERY_MAX_AGE,
        Setting.SHOW_MODEL_PROMPTS,
        Setting.MAX_REQUEST_BODY_BYTES,
        Setting.MAX_NUM_PREDICT,
        Setting.PROMPT_OVERHEAD_TOKENS,
        Setting.IMAGE_TOKENS,
        Setting.MAX_CONCURRENT_UPSTREAM,
        Setting.AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN,
        Setting.TRUSTED_PROXIES,
        Setting.CONNECT_TIMEOUT,
        Setting.FIRST_BYTE_TIMEOUT,
        Setting.IDLE_TIMEOUT,
        Setting.TOTAL_TIMEOUT,
        Setting.SPOOL_DIRECTORY,
        Setting.SHUTDOWN_GRACE
    };

    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private final Settings settings;
    private final Set<String> variables;
    private final Function<GatewaySettings, Gateway> open;
    private final StopSignal stopSignal;
    private final PrintWriter out;

    /** @param variables the names in the environment, to find misspelt ones */
    ServeCommand(
            Settings settings,
            Set<String> variables,
            Function<GatewaySettings, Gateway> open,
            StopSignal stopSignal,
            PrintWriter out) {
        this.settings = requireNonNull(settings, "settings");
        this.variables = Set.copyOf(variables);
        this.open = requireNonNull(open, "open");
        this.stopSignal = requireNonNull(stopSignal, "stopSignal");
        this.out = requireNonNull(out, "out");
    }

    @Override
    public Integer call() throws InterruptedException {
        UnknownVariables.refuse(variables);
        GatewaySettings gatewaySettings = gatewaySettings();
        String host = settings.required(Setting.LISTEN_HOST);
        int port = settings.integer(Setting.LISTEN_PORT, 0, 65_535);
        Duration grace = settings.duration(Setting.SHUTDOWN_GRACE);
        ClientLimits limits = clientLimits();
        AllowedOrigins origins = corsAllowedOrigins();
        Playground playground = PlaygroundFile.read(settings);
        TlsFiles tls = TlsFiles.of(settings).orElse(null);
        OptionalInt managementPort = managementPort();
        LogFormat format = LogFormat.parse(settings.required(Setting.LOG_FORMAT));
        boolean logRequests = settings.bool(Setting.LOG_REQUESTS);
        Logs logs = Logs.open(format, logRequests);
        try {
            banner();
            try (Gateway gateway = open.apply(gatewaySettings);
                    ManagementServer management = management(managementPort, gateway);
                    GatewayServer server =
                            new GatewayServer(host, port, gateway.filter(limits, origins, playground), limits, tls)) {
                server.measureWith(gateway.metrics());
                start(server::start, Setting.LISTEN_HOST, host, port);
                listening("listening on " + (tls == null ? "http" : "https"), host, server.port());
                if (management != null) {
                    listening("management on http", settings.required(Setting.MANAGEMENT_HOST), management.port());
                }
                lookAtPepper(gatewaySettings);
                stopSignal.await();
                LOG.info("stopping: no new requests; open answers have {}", grace);
                gateway.drain(grace);
            }
            LOG.info("stopped");
        } finally {
            logs.close();
        }
        return ExitCode.OK;
    }

    /** With the wrong one every caller is refused like any stranger, which is right, and says nothing of why. */
    private static void lookAtPepper(GatewaySettings settings) {
        Thread look = new Thread(
                () -> {
                    Diagnosis found = PepperExamination.of(
                            DatabaseSettings.parse(settings.databaseUrl()),
                            Pepper.parse(settings.keyPepper()).fingerprint());
                    if (found.mend() != null) {
                        LOG.warn("KEY_PEPPER {}; {}", found.found(), found.mend());
                    }
                },
                "pepper-look");
        look.setDaemon(true);
        look.start();
    }

    /** @throws ConfigurationException where it would not start with its settings */
    void requireSettings() {
        UnknownVariables.refuse(variables);
        gatewaySettings();
        settings.integer(Setting.LISTEN_PORT, 0, 65_535);
        settings.duration(Setting.SHUTDOWN_GRACE);
        clientLimits();
        corsAllowedOrigins();
        PlaygroundFile.read(settings);
        managementPort();
        LogFormat.parse(settings.required(Setting.LOG_FORMAT));
        settings.bool(Setting.LOG_REQUESTS);
        TlsFiles.of(settings);
    }

    /** What runs here, and how: the first thing to look for in a log. */
    private void banner() {
        Map<String, String> inForce = SettingsInForce.of(settings, SETTINGS);
        LOG.atInfo()
                .addKeyValue("version", Version.current())
                .addKeyValue("java", Runtime.version().toString())
                .addKeyValue("settings", inForce)
                .log("starting");
        Cautions.of(settings).forEach(LOG::warn);
    }

    private void listening(String what, String host, int port) {
        String line = what + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        out.println(line);
        out.flush();
        LOG.info(line);
    }

    private OptionalInt managementPort() {
        return "off".equals(settings.required(Setting.MANAGEMENT_PORT))
                ? OptionalInt.empty()
                : OptionalInt.of(settings.integer(Setting.MANAGEMENT_PORT, 0, 65_535));
    }

    /** Started before the gateway's port, so that whoever waits for that one finds this one too. */
    private @Nullable ManagementServer management(OptionalInt port, Gateway gateway) {
        if (port.isEmpty()) {
            return null;
        }
        String host = settings.required(Setting.MANAGEMENT_HOST);
        ManagementServer server = new ManagementServer(host, port.getAsInt(), gateway.metrics(), gateway::health);
        try {
            start(server::start, Setting.MANAGEMENT_HOST, host, port.getAsInt());
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private interface Start {
        void run() throws IOException;
    }

    private static void start(Start server, Setting setting, String host, int port) {
        try {
            server.run();
        } catch (IOException e) {
            throw new ConfigurationException("cannot listen on " + host + ":" + port + "; is the port taken, or "
                    + setting + " no address of this machine?");
        }
    }

    private ClientLimits clientLimits() {
        return new ClientLimits(
                settings.integer(Setting.MAX_CONNECTIONS, 1, 1_000_000),
                settings.duration(Setting.CLIENT_HEADER_TIMEOUT),
                settings.duration(Setting.CLIENT_BODY_TIMEOUT),
                settings.duration(Setting.CLIENT_WRITE_TIMEOUT));
    }

    private AllowedOrigins corsAllowedOrigins() {
        try {
            return AllowedOrigins.parse(settings.required(Setting.CORS_ALLOWED_ORIGINS));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("CORS_ALLOWED_ORIGINS: " + e.getMessage());
        }
    }

    private GatewaySettings gatewaySettings() {
        // Parsed here as well, so that a bad value is refused before anything is connected to.
        CreateKeyCommand.pepper(settings);
        String proxies = settings.required(Setting.TRUSTED_PROXIES);
        try {
            TrustedProxies.parse(proxies);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("TRUSTED_PROXIES: " + e.getMessage());
        }
        GatewaySettings.Builder builder = GatewaySettings.builder();
        settings.find(Setting.AUDIT_SEAL_KEY).ifPresent(key -> {
            AuditVerifyCommand.requireKey(key);
            builder.auditSealKey(key);
        });
        settings.find(Setting.SPOOL_DIRECTORY).map(Path::of).ifPresent(builder::spoolDirectory);
        return builder.databaseUrl(settings.databaseUrl())
                .redisUrl(settings.required(Setting.REDIS_URL))
                .ollamaUrl(settings.ollamaUrl().toString())
                .keyPepper(settings.required(Setting.KEY_PEPPER))
                .maxRequestBodyBytes(settings.integer(Setting.MAX_REQUEST_BODY_BYTES, 1, Integer.MAX_VALUE))
                .maxNumPredict(settings.integer(Setting.MAX_NUM_PREDICT, 1, Integer.MAX_VALUE))
                .promptOverheadTokens(settings.integer(Setting.PROMPT_OVERHEAD_TOKENS, 0, Integer.MAX_VALUE))
                .imageTokens(settings.integer(Setting.IMAGE_TOKENS, 1, Integer.MAX_VALUE))
                .maxConcurrentUpstream(settings.integer(Setting.MAX_CONCURRENT_UPSTREAM, 1, Integer.MAX_VALUE))
                .authFailuresPerMinute(
                        settings.integer(Setting.AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN, 1, Integer.MAX_VALUE))
                .trustedProxies(proxies)
                .discoveryInterval(settings.duration(Setting.DISCOVERY_INTERVAL))
                .discoveryMaxAge(settings.duration(Setting.DISCOVERY_MAX_AGE))
                .showModelPrompts(settings.bool(Setting.SHOW_MODEL_PROMPTS))
                .timeouts(new Timeouts(
                        settings.duration(Setting.CONNECT_TIMEOUT),
                        settings.duration(Setting.FIRST_BYTE_TIMEOUT),
                        settings.duration(Setting.IDLE_TIMEOUT),
                        settings.duration(Setting.TOTAL_TIMEOUT)))
                .build();
    }
}
