package ai.neuronetz.gateway;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.ModelBounds;
import ai.neuronetz.gateway.access.OllamaDiscovery;
import ai.neuronetz.gateway.access.TokenBound;
import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.KeyAuthenticator;
import ai.neuronetz.gateway.identity.Pepper;
import ai.neuronetz.gateway.identity.TrustedProxies;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.LedgerMeter;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.PostgresStores;
import ai.neuronetz.gateway.redis.RedisSettings;
import ai.neuronetz.gateway.redis.RedisStores;
import ai.neuronetz.gateway.upstream.Upstream;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link GatewayPipeline}, each of whose stages can be the embedder's own.
 *
 * <p>What is not set is the gateway's own, over PostgreSQL, Redis and Ollama as the settings say. Not thread-safe; builds
 * once.
 */
public final class GatewayPipelineBuilder {

    private final GatewaySettings settings;
    private MeterRegistry registry = new SimpleMeterRegistry();
    private @Nullable Authenticator authenticator;
    private @Nullable Authorizer authorizer;
    private @Nullable Meter meter;
    private @Nullable Upstream upstream;
    private @Nullable Accountant accountant;
    private @Nullable AuditLog auditLog;
    private UnaryOperator<RateGate> aroundGate = UnaryOperator.identity();
    private UnaryOperator<Ledger> aroundLedger = UnaryOperator.identity();

    GatewayPipelineBuilder(GatewaySettings settings) {
        this.settings = settings;
    }

    /** Says who is calling. Defaults to API keys in PostgreSQL. */
    public GatewayPipelineBuilder authenticator(Authenticator authenticator) {
        this.authenticator = requireNonNull(authenticator, "authenticator");
        return this;
    }

    /** Says what a principal may do. Defaults to the principal's models, intersected with what Ollama has installed. */
    public GatewayPipelineBuilder authorizer(Authorizer authorizer) {
        this.authorizer = requireNonNull(authorizer, "authorizer");
        return this;
    }

    /** Reserves what a request can use. Defaults to Redis and PostgreSQL together. */
    public GatewayPipelineBuilder meter(Meter meter) {
        this.meter = requireNonNull(meter, "meter");
        return this;
    }

    /** Sends what was reserved; closed with the pipeline. Defaults to Ollama over HTTP. */
    public GatewayPipelineBuilder upstream(Upstream upstream) {
        this.upstream = requireNonNull(upstream, "upstream");
        return this;
    }

    /** Settles what was used. Defaults to Ollama's own counts, and to a bound where there are none. */
    public GatewayPipelineBuilder accountant(Accountant accountant) {
        this.accountant = requireNonNull(accountant, "accountant");
        return this;
    }

    /** Writes denials down. Defaults to PostgreSQL. */
    public GatewayPipelineBuilder auditLog(AuditLog auditLog) {
        this.auditLog = requireNonNull(auditLog, "auditLog");
        return this;
    }

    /** Where metrics go. Defaults to a registry of its own. */
    public GatewayPipelineBuilder meterRegistry(MeterRegistry registry) {
        this.registry = requireNonNull(registry, "registry");
        return this;
    }

    /** Lets a test stand between the gateway's own meter and its stores. */
    GatewayPipelineBuilder wrapping(UnaryOperator<RateGate> gate, UnaryOperator<Ledger> ledger) {
        this.aroundGate = requireNonNull(gate, "gate");
        this.aroundLedger = requireNonNull(ledger, "ledger");
        return this;
    }

    /**
     * Opens what the stages need and builds the pipeline. Stores and Ollama need not be up: until they are, requests are
     * denied.
     *
     * @throws ConfigurationException if a setting that a stage needs is missing or dangerous
     */
    public GatewayPipeline build() {
        Deque<Runnable> toClose = new ArrayDeque<>();
        try {
            return build(toClose);
        } catch (RuntimeException e) {
            toClose.forEach(Runnable::run);
            throw e;
        }
    }

    private GatewayPipeline build(Deque<Runnable> toClose) {
        Map<String, BooleanSupplier> dependencies = new LinkedHashMap<>();
        TrustedProxies trustedProxies =
                parsed("TRUSTED_PROXIES", () -> TrustedProxies.parse(settings.trustedProxies()));

        PostgresStores postgres = null;
        if (authenticator == null || meter == null || auditLog == null) {
            postgres = stores();
            toClose.push(postgres::close);
            dependencies.put("postgres", postgres::usable);
        }
        RedisStores redis = null;
        if (authenticator == null || meter == null) {
            RedisSettings redisSettings = parsed("REDIS_URL", () -> RedisSettings.parse(settings.redisUrl()));
            redis = RedisStores.open(redisSettings, registry);
            toClose.push(redis::close);
            dependencies.put("redis", redis::usable);
        }

        Authenticator identity = authenticator;
        KeyAuthenticator ownKeys = null;
        if (identity == null && postgres != null && redis != null) {
            ownKeys = KeyAuthenticator.builder()
                    .keyStore(postgres.keyStore())
                    .authFailures(redis.authFailures(settings.authFailuresPerMinute()))
                    .pepper(parsed("KEY_PEPPER", () -> Pepper.parse(settings.keyPepper())))
                    .trustedProxies(trustedProxies)
                    .failuresPerMinute(settings.authFailuresPerMinute())
                    .meterRegistry(registry)
                    .build();
            identity = ownKeys;
        }
        ModelBounds bounds = postgres == null ? ModelBounds.inMemory() : postgres.modelBounds();
        Authorizer access = authorizer;
        if (access == null) {
            OllamaDiscovery discovery = OllamaDiscovery.start(
                    settings.ollamaUrl(),
                    settings.discoveryInterval(),
                    settings.discoveryMaxAge(),
                    settings.showModelPrompts());
            toClose.push(discovery::close);
            dependencies.put("discovery", discovery::usable);
            access = Authorizer.catalog(
                    discovery,
                    settings.maxNumPredict(),
                    new TokenBound(settings.promptOverheadTokens(), settings.imageTokens()),
                    bounds);
        }
        Meter metering = meter;
        if (metering == null && postgres != null && redis != null) {
            LedgerMeter ledgerMeter = LedgerMeter.builder()
                    .gate(aroundGate.apply(redis.rateGate()))
                    .ledger(aroundLedger.apply(postgres.ledger()))
                    .registry(registry)
                    .maxConcurrentUpstream(settings.maxConcurrentUpstream())
                    .build();
            toClose.push(ledgerMeter::close);
            metering = ledgerMeter;
        }
        Upstream ollama = upstream == null
                ? Upstream.http(settings.ollamaUrl(), settings.maxConcurrentUpstream(), settings.timeouts())
                : upstream;
        toClose.push(ollama::close);

        GatewayPipeline pipeline = new GatewayPipeline(new Parts(
                requireNonNull(identity, "authenticator"),
                access,
                requireNonNull(metering, "meter"),
                ollama,
                accountant == null ? Accountant.usage(registry, bounds) : accountant,
                auditLog == null ? requireNonNull(postgres, "auditLog").auditLog() : auditLog,
                trustedProxies,
                settings.maxRequestBodyBytes(),
                dependencies,
                () -> toClose.forEach(Runnable::run)));
        if (postgres != null) {
            KeyAuthenticator toTell = ownKeys;
            postgres.onFenced(pipeline::fenced);
            postgres.onKeyChange(change -> {
                if (toTell != null) {
                    toTell.forget(change.keyId());
                }
                if (!change.usable()) {
                    pipeline.cut(change.keyId());
                }
            });
        }
        return pipeline;
    }

    private PostgresStores stores() {
        PostgresStores.Builder stores = PostgresStores.builder(DatabaseSettings.parse(settings.databaseUrl()))
                .registry(registry)
                .longestAnswer(settings.timeouts().total());
        settings.spoolDirectory().ifPresent(stores::spoolDirectory);
        return stores.open();
    }

    /** A value that cannot be read stops the start with one line, whoever reads it. */
    private static <T> T parsed(String name, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new ConfigurationException(message.startsWith(name) ? message : name + ": " + message);
        }
    }

    /** What a pipeline is made of. */
    record Parts(
            Authenticator authenticator,
            Authorizer authorizer,
            Meter meter,
            Upstream upstream,
            Accountant accountant,
            AuditLog auditLog,
            TrustedProxies trustedProxies,
            int maxBodyBytes,
            Map<String, BooleanSupplier> dependencies,
            Runnable onClose) {}
}
