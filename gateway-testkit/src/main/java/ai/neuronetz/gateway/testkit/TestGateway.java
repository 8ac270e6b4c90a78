package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewayPipelineBuilder;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.Argon2Parameters;
import ai.neuronetz.gateway.identity.KeyHash;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Pepper;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway on free ports: the filter on an embedded Jetty, over real PostgreSQL and Redis and a mock Ollama.
 *
 * <p>{@link #verify()} says whether it kept its guarantees, by what clients, stores and Ollama saw of it; {@link GatewayExtension}
 * asks after each test. Thread-safe, but {@link #reset()} and {@link #verify()} are for one test at a time. Close it to stop
 * everything that was started for it.
 */
public final class TestGateway implements AutoCloseable {

    /** Cheap, since nobody guesses at keys that end with a test. */
    private static final KeyHash HASH = KeyHash.with(new Argon2Parameters(16, 1, 1));

    private static final String PEPPER = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private final TestPostgres postgres;
    private final TestDatabase database;
    private final boolean ownRedis;
    private final TestRedis redis;
    private final MockOllama ollama;
    private final Administration administration;
    private final List<Replica> replicas = new ArrayList<>();
    private final UnaryOperator<GatewaySettings.Builder> tune;
    private final UnaryOperator<GatewayPipelineBuilder> stages;
    private final Callers callers = new Callers();
    private final GatewayGuards guards;

    private TestGateway(Builder builder) {
        TestStores stores = TestStores.chosen();
        this.postgres = builder.postgres == null ? stores.postgres() : builder.postgres;
        this.ownRedis = builder.redis == null;
        this.redis = builder.redis == null ? stores.redis() : builder.redis;
        this.database = postgres.createDatabase();
        this.tune = builder.tune;
        this.stages = builder.stages;
        this.ollama = MockOllama.start();
        TestSchema.migrate(database);
        this.administration = TestSchema.administration(database);
        this.guards = new GatewayGuards(
                database, redis.url(), ollama, callers, Set.copyOf(builder.tolerated), builder.settleWithin);
        startReplica();
    }

    public static TestGateway start() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Base URL of the first replica, without a slash at the end. */
    public URI url() {
        return replica(0).url();
    }

    public MockOllama ollama() {
        return ollama;
    }

    public TestRedis redis() {
        return redis;
    }

    public TestDatabase database() {
        return database;
    }

    public Administration administration() {
        return administration;
    }

    /** The metrics of the first replica. */
    public MeterRegistry metrics() {
        return replica(0).metrics();
    }

    /** What each replica is started with, for a gateway of the test's own over the same stores. */
    public GatewaySettings settings() {
        GatewaySettings.Builder settings = GatewaySettings.builder()
                .databaseUrl(TestSchema.appUrl(database))
                .redisUrl(redis.url())
                .ollamaUrl(ollama.uri().toString())
                .keyPepper(PEPPER)
                .maxConcurrentUpstream(2000)
                .discoveryInterval(Duration.ofMillis(100))
                .discoveryMaxAge(Duration.ofSeconds(2));
        return tune.apply(settings).build();
    }

    /** A replica in the order they were started. */
    public Replica replica(int index) {
        return replicas.get(index);
    }

    /** Starts one more gateway over the same stores and the same Ollama, and waits until it is healthy. */
    public Replica startReplica() {
        Replica replica = new Replica();
        replicas.add(replica);
        replica.awaitHealthy(Duration.ofSeconds(20));
        return replica;
    }

    /** A tenant of its own for a test: every installed model allowed, nothing limited. */
    public Tenant tenant() {
        String id = "t-" + UUID.randomUUID().toString().substring(0, 13);
        administration.createTenant(id, id);
        administration.setTenantModels(id, new ModelPolicy(true, List.of()));
        return new Tenant(id);
    }

    /** Puts the mock back to its defaults and forgets what was seen so far, for the next test. */
    public void reset() {
        ollama.reset().clearRecord();
        guards.begin();
    }

    /**
     * Checks what happened since the start or the last {@link #reset()}, once all of it is settled, for which it waits a few
     * seconds.
     *
     * @throws AssertionError that names each guarantee that was broken, the request, and where to look
     */
    public void verify() {
        guards.verify();
    }

    @Override
    public void close() {
        replicas.forEach(Replica::close);
        guards.close();
        administration.close();
        if (postgres.outlivesTests()) {
            postgres.drop(database);
        }
        if (ownRedis) {
            redis.close();
        }
        ollama.close();
    }

    /** One gateway process' worth of gateway. Closed with the others, or before. */
    public final class Replica implements AutoCloseable {

        private final MeterRegistry metrics = new SimpleMeterRegistry();
        private final ServedPipeline served = new ServedPipeline(
                stages.apply(GatewayPipeline.builder(settings())
                                .meterRegistry(metrics)
                                .keyHash(HASH))
                        .build(),
                callers);

        private Replica() {}

        public URI url() {
            return served.url();
        }

        public GatewayPipeline pipeline() {
            return served.pipeline();
        }

        public MeterRegistry metrics() {
            return metrics;
        }

        /** Waits until {@code /healthz} says 200. */
        public void awaitHealthy(Duration limit) {
            served.awaitHealthy(limit);
        }

        @Override
        public void close() {
            served.close();
        }
    }

    /** A tenant and the way to make keys for it. */
    public final class Tenant {

        private final String id;

        private Tenant(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }

        public Tenant limits(Limits limits) {
            administration.setTenantLimits(id, limits, null);
            return this;
        }

        public Tenant models(String... allowed) {
            administration.setTenantModels(id, new ModelPolicy(false, List.of(allowed)));
            return this;
        }

        /** A fresh key. */
        public Key key() {
            ApiKey key = ApiKey.generate();
            administration.createKey(id, key.id(), "test", Pepper.parse(PEPPER).lookupCode(key), HASH.hash(key), null);
            callers.issued(key);
            return new Key(key);
        }
    }

    /** A key a test may show. */
    public final class Key {

        private final ApiKey key;

        private Key(ApiKey key) {
            this.key = key;
        }

        public KeyId id() {
            return key.id();
        }

        /** The whole key, for an {@code Authorization} header. */
        public String secret() {
            return key.reveal();
        }

        public Key limits(Limits limits) {
            administration.setKeyLimits(key.id(), limits, null);
            return this;
        }

        /** Has prompts and answers kept from now on. */
        public Key logPrompts(Duration retention) {
            administration.prompts().setRetention(key.id(), retention);
            return this;
        }

        public void revoke() {
            administration.revokeKey(key.id());
        }
    }

    /** What {@link TestGateway#verify()} looks at. */
    public enum Guard {
        /** Every reservation is settled, Redis holds no place, and no stream is open at Ollama. */
        OPEN_RESERVATIONS,
        /** Ollama got each request that the ledger admitted once at most, within what was reserved, and nothing else. */
        UPSTREAM_REQUESTS,
        /** No header of a client's reached Ollama, and no key in any other. */
        CLIENT_HEADERS,
        /**
         * Whoever was served had sent the key that was charged. To be tolerated where an {@code Authenticator} of the
         * embedder's takes something else than our keys.
         */
        CALLERS,
        /** What Ollama generated to its end was charged. */
        CHARGES
    }

    /** Builds a {@link TestGateway}. Not thread-safe. */
    public static final class Builder {

        private @Nullable TestPostgres postgres;
        private @Nullable TestRedis redis;
        private UnaryOperator<GatewaySettings.Builder> tune = UnaryOperator.identity();
        private UnaryOperator<GatewayPipelineBuilder> stages = UnaryOperator.identity();
        private final Set<Guard> tolerated = EnumSet.noneOf(Guard.class);
        private Duration settleWithin = Duration.ofSeconds(5);

        private Builder() {}

        /**
         * A PostgreSQL of the test's own, which it may stop. Defaults to the one of {@code GATEWAY_TEST_DATABASE_URL}, to a container if
         * {@code GATEWAY_TEST_STORES} says so, else to the shared one. The gateway has a database of its own on each.
         */
        public Builder postgres(TestPostgres postgres) {
            this.postgres = postgres;
            return this;
        }

        /**
         * A Redis of the test's own, which it may stop and has to close. Defaults to an empty database of the one of
         * {@code GATEWAY_TEST_REDIS_URL}, to a container if {@code GATEWAY_TEST_STORES} says so, else to the shared one.
         */
        public Builder redis(TestRedis redis) {
            this.redis = redis;
            return this;
        }

        /** Changes settings before each replica starts. */
        public Builder settings(UnaryOperator<GatewaySettings.Builder> tune) {
            this.tune = tune;
            return this;
        }

        /** Puts stages of the test's own into the pipeline of each replica. */
        public Builder pipeline(UnaryOperator<GatewayPipelineBuilder> stages) {
            this.stages = stages;
            return this;
        }

        /** Lets {@link TestGateway#verify()} pass over something that the tests mean to do. */
        public Builder tolerate(Guard... guards) {
            tolerated.addAll(List.of(guards));
            return this;
        }

        /** How long {@link TestGateway#verify()} waits until all is settled; 5 seconds if not set. */
        public Builder settleWithin(Duration limit) {
            this.settleWithin = limit;
            return this;
        }

        public TestGateway start() {
            return new TestGateway(this);
        }
    }
}
