package ai.neuronetz.gateway;

import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.ModelBounds;
import ai.neuronetz.gateway.access.OllamaDiscovery;
import ai.neuronetz.gateway.access.TokenBound;
import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.accounting.UsageListener;
import ai.neuronetz.gateway.accounting.UsageRecord;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.CallerIdentification;
import ai.neuronetz.gateway.identity.IdentifiedCallers;
import ai.neuronetz.gateway.identity.KeyAuthenticator;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Pepper;
import ai.neuronetz.gateway.identity.TrustedProxies;
import ai.neuronetz.gateway.metering.LedgerMeter;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.PostgresStores;
import ai.neuronetz.gateway.postgres.SealKey;
import ai.neuronetz.gateway.prompts.PromptLog;
import ai.neuronetz.gateway.prompts.Redactor;
import ai.neuronetz.gateway.redis.RedisSettings;
import ai.neuronetz.gateway.redis.RedisStores;
import ai.neuronetz.gateway.upstream.Upstream;
import io.micrometer.core.instrument.Gauge;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts one pipeline together. What can be wrong on paper is looked for first; only then is anything opened. */
final class Assembly {

    private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

    private final GatewayPipelineBuilder chosen;
    private final GatewaySettings settings;

    /** What is open, the last first. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private final Map<String, BooleanSupplier> dependencies = new LinkedHashMap<>();
    private Consumer<KeyId> forget = key -> {};

    Assembly(GatewayPipelineBuilder chosen) {
        this.chosen = chosen;
        this.settings = chosen.settings;
    }

    GatewayPipeline pipeline() {
        Plan plan = plan();
        try {
            return opened(plan);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** What the settings say, read before anything is opened; null where no part needs it. */
    private record Plan(
            TrustedProxies trustedProxies,
            @Nullable DatabaseSettings database,
            @Nullable RedisSettings redis,
            @Nullable Pepper pepper) {}

    private Plan plan() {
        if (chosen.callers.replaced() && chosen.authenticator.replaced()) {
            throw new ConfigurationException(
                    "callers and authenticator are both called; an authenticator of your own says"
                            + " by itself who is calling, so call one of them");
        }
        boolean keys = !chosen.authenticator.replaced() && !chosen.callers.replaced();
        TrustedProxies trustedProxies =
                parsed("TRUSTED_PROXIES", () -> TrustedProxies.parse(settings.trustedProxies()));
        List<String> needDatabase = ours(chosen.authenticator, chosen.meter, chosen.auditLog);
        DatabaseSettings database = needDatabase.isEmpty()
                ? null
                : DatabaseSettings.parse(needed(settings::databaseUrl, needDatabase, "databaseUrl"));
        if (database == null && chosen.redactor.replaced()) {
            throw new ConfigurationException(
                    "redactor: no prompt would be kept for it to go over, since authenticator, meter"
                            + " and auditLog are all given and PostgreSQL is not used; leave it out");
        }
        List<String> needRedis = keys ? ours(chosen.authenticator, chosen.meter) : ours(chosen.meter);
        RedisSettings redis = needRedis.isEmpty()
                ? null
                : parsed("REDIS_URL", () -> RedisSettings.parse(needed(settings::redisUrl, needRedis, "redisUrl")));
        Pepper pepper = keys
                ? parsed(
                        "KEY_PEPPER",
                        () -> Pepper.parse(needed(settings::keyPepper, ours(chosen.authenticator), "keyPepper")))
                : null;
        return new Plan(trustedProxies, database, redis, pepper);
    }

    private GatewayPipeline opened(Plan plan) {
        PostgresStores postgres = plan.database() == null ? null : opened(stores(plan.database()));
        if (postgres != null) {
            dependencies.put("postgres", postgres::usable);
        }
        RedisStores redis = plan.redis() == null ? null : opened(RedisStores.open(plan.redis(), chosen.registry));
        if (redis != null) {
            dependencies.put("redis", redis::usable);
        }
        Authenticator authenticator = chosen.authenticator.orOurs(() -> identity(plan, postgres, redis));
        ModelBounds bounds = postgres == null ? ModelBounds.inMemory() : postgres.modelBounds();
        Authorizer authorizer = chosen.authorizer.orOurs(() -> access(bounds));
        Meter meter = chosen.meter.wrapped()
                ? new WrappedMeter(metering(present(postgres), present(redis)), chosen.meter::around)
                : chosen.meter.orOurs(() -> metering(present(postgres), present(redis)));
        Upstream upstream = chosen.upstream.orOurs(() ->
                opened(Upstream.http(settings.ollamaUrl(), settings.maxConcurrentUpstream(), settings.timeouts())));
        Consumer<UsageRecord> usage = usage();
        OpenExchanges exchanges = new OpenExchanges();
        PipelineParts parts = new PipelineParts(
                authenticator,
                authorizer,
                meter,
                upstream,
                chosen.accountant.orOurs(() -> Accountant.usage(chosen.registry, bounds)),
                usage,
                chosen.auditLog.orOurs(() -> present(postgres).auditLog()),
                postgres == null ? null : prompts(postgres),
                plan.trustedProxies(),
                settings.maxRequestBodyBytes(),
                exchanges,
                dependencies,
                chosen.registry,
                this::close);
        GatewayPipeline pipeline = new GatewayPipeline(parts);
        // Only now: what the embedder brought is theirs until there is a pipeline.
        if (chosen.upstream.replaced() || chosen.upstream.wrapped()) {
            open.push(upstream);
            opened(OverdueExchanges.watch(exchanges, settings.timeouts().total()));
        }
        if (postgres != null) {
            postgres.onFenced(pipeline::fenced);
            postgres.onKeyChange(change -> {
                forget.accept(change.keyId());
                if (!change.usable()) {
                    pipeline.cut(change.keyId());
                }
            });
        }
        return pipeline;
    }

    private Authenticator identity(Plan plan, @Nullable PostgresStores postgres, @Nullable RedisStores redis) {
        CallerIdentification callers = chosen.callers.replacement();
        if (callers != null) {
            IdentifiedCallers identified =
                    new IdentifiedCallers(callers, present(postgres).keyStore(), chosen.registry);
            forget = identified::forget;
            return identified;
        }
        KeyAuthenticator keys = KeyAuthenticator.builder()
                .keyStore(present(postgres).keyStore())
                .authFailures(present(redis).authFailures(settings.authFailuresPerMinute()))
                .pepper(present(plan.pepper()))
                .keyHash(chosen.keyHash)
                .trustedProxies(plan.trustedProxies())
                .failuresPerMinute(settings.authFailuresPerMinute())
                .meterRegistry(chosen.registry)
                .build();
        forget = keys::forget;
        return keys;
    }

    private Authorizer access(ModelBounds bounds) {
        OllamaDiscovery discovery = opened(OllamaDiscovery.start(
                settings.ollamaUrl(),
                settings.discoveryInterval(),
                settings.discoveryMaxAge(),
                settings.showModelPrompts()));
        Gauge.builder(
                        "gateway.discovery.age",
                        () -> discovery.age().map(age -> age.toNanos() / 1e9).orElse(Double.NaN))
                .description("How old what is known of Ollama's models is; NaN until something is known")
                .baseUnit("seconds")
                .register(chosen.registry);
        dependencies.put("discovery", discovery::usable);
        return Authorizer.catalog(
                discovery,
                settings.maxNumPredict(),
                new TokenBound(settings.promptOverheadTokens(), settings.imageTokens()),
                bounds);
    }

    private Meter metering(PostgresStores postgres, RedisStores redis) {
        return opened(LedgerMeter.builder()
                .gate(chosen.aroundGate.apply(redis.rateGate()))
                .ledger(chosen.aroundLedger.apply(postgres.ledger()))
                .registry(chosen.registry)
                .maxConcurrentUpstream(settings.maxConcurrentUpstream())
                .build());
    }

    private PromptLog prompts(PostgresStores postgres) {
        Redactor redactor = chosen.redactor.orOurs(Redactor::patterns);
        return opened(new PromptLog(postgres.promptStore(), redactor, chosen.registry));
    }

    private Consumer<UsageRecord> usage() {
        UsageListener listener = chosen.usageListener.replacement();
        return listener == null ? usage -> {} : opened(UsageFeed.start(listener, chosen.registry))::tell;
    }

    private PostgresStores stores(DatabaseSettings database) {
        PostgresStores.Builder stores = PostgresStores.builder(database)
                .registry(chosen.registry)
                .longestAnswer(settings.timeouts().total());
        settings.spoolDirectory().ifPresent(stores::spoolDirectory);
        settings.auditSealKey().ifPresent(key -> stores.sealKey(parsed("AUDIT_SEAL_KEY", () -> SealKey.parse(key))));
        return stores.open();
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    /** Closes all, whatever one of them throws. */
    @SuppressWarnings("CatchingUnchecked") // the others are to be closed all the same
    private synchronized void close() {
        while (!open.isEmpty()) {
            AutoCloseable part = open.pop();
            try {
                part.close();
            } catch (Throwable e) {
                LOG.warn("{} could not be closed", part.getClass().getName(), e);
            }
        }
    }

    private static <T> T present(@Nullable T planned) {
        if (planned == null) {
            throw new IllegalStateException("a part needs what the plan left out");
        }
        return planned;
    }

    private static List<String> ours(Part<?>... parts) {
        List<String> names = new ArrayList<>();
        for (Part<?> part : parts) {
            if (!part.replaced()) {
                names.add(part.name());
            }
        }
        return names;
    }

    /** A setting, or one line that says which parts cannot do without it. */
    private static String needed(Supplier<String> setting, List<String> parts, String setter) {
        try {
            return setting.get();
        } catch (ConfigurationException e) {
            throw new ConfigurationException(e.getMessage() + ", but the gateway's own " + String.join(", ", parts)
                    + " cannot do without it; set GatewaySettings." + setter + ", or bring your own "
                    + String.join(", ", parts));
        }
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
}
