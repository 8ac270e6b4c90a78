package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyHash;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Pepper;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway on free ports: the filter on an embedded Jetty, over real PostgreSQL and Redis and a mock Ollama.
 *
 * <p>Thread-safe. Close it to stop everything that was started for it.
 */
public final class TestGateway implements AutoCloseable {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String PEPPER = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private final TestDatabase database;
    private final TestRedis redis;
    private final MockOllama ollama;
    private final Administration administration;
    private final List<Replica> replicas = new ArrayList<>();
    private final UnaryOperator<GatewaySettings.Builder> tune;

    private TestGateway(Builder builder) {
        TestPostgres postgres = builder.postgres == null ? TestPostgres.shared() : builder.postgres;
        this.redis = builder.redis == null ? TestRedis.shared() : builder.redis;
        this.database = postgres.createDatabase();
        this.tune = builder.tune;
        this.ollama = MockOllama.start();
        TestSchema.migrate(database);
        this.administration = TestSchema.administration(database);
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

    @Override
    public void close() {
        replicas.forEach(Replica::close);
        administration.close();
        ollama.close();
    }

    /** One gateway process' worth of gateway. */
    public final class Replica implements AutoCloseable {

        private final MeterRegistry metrics = new SimpleMeterRegistry();
        private final GatewayPipeline pipeline;
        private final Server server = new Server();
        private final URI url;

        private Replica() {
            GatewaySettings.Builder settings = GatewaySettings.builder()
                    .databaseUrl(TestSchema.appUrl(database))
                    .redisUrl(redis.url())
                    .ollamaUrl(ollama.uri().toString())
                    .keyPepper(PEPPER)
                    .maxConcurrentUpstream(2000)
                    .discoveryInterval(Duration.ofMillis(100))
                    .discoveryMaxAge(Duration.ofSeconds(2));
            this.pipeline = GatewayPipeline.builder(tune.apply(settings).build())
                    .meterRegistry(metrics)
                    .build();
            HttpConfiguration http = new HttpConfiguration();
            http.setSendServerVersion(false);
            ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
            connector.setHost("127.0.0.1");
            connector.setAcceptQueueSize(2048);
            server.addConnector(connector);
            ServletContextHandler context = new ServletContextHandler("/");
            FilterHolder filter = new FilterHolder(new GatewayFilter(pipeline));
            filter.setAsyncSupported(true);
            context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
            server.setHandler(context);
            TestServers.start(server);
            this.url = URI.create("http://127.0.0.1:" + connector.getLocalPort());
        }

        public URI url() {
            return url;
        }

        public GatewayPipeline pipeline() {
            return pipeline;
        }

        public MeterRegistry metrics() {
            return metrics;
        }

        /** Waits until {@code /healthz} says 200. */
        public void awaitHealthy(Duration limit) {
            long deadline = System.nanoTime() + limit.toNanos();
            while (healthStatus() != 200) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the gateway at " + url + " was not healthy within " + limit);
                }
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }

        private int healthStatus() {
            try {
                HttpRequest request = HttpRequest.newBuilder(url.resolve("/healthz"))
                        .timeout(Duration.ofSeconds(2))
                        .build();
                return HTTP.send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
            } catch (IOException e) {
                return 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for the gateway", e);
            }
        }

        @Override
        public void close() {
            pipeline.close();
            TestServers.stop(server);
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
            administration.createKey(
                    id,
                    key.id(),
                    "test",
                    Pepper.parse(PEPPER).lookupCode(key),
                    KeyHash.standard().hash(key),
                    null);
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

        public void revoke() {
            administration.revokeKey(key.id());
        }
    }

    /** Builds a {@link TestGateway}. */
    public static final class Builder {

        private @Nullable TestPostgres postgres;
        private @Nullable TestRedis redis;
        private UnaryOperator<GatewaySettings.Builder> tune = UnaryOperator.identity();

        private Builder() {}

        /** A PostgreSQL of the test's own, which it may stop. Defaults to the shared one. */
        public Builder postgres(TestPostgres postgres) {
            this.postgres = postgres;
            return this;
        }

        /** A Redis of the test's own, which it may stop. Defaults to the shared one. */
        public Builder redis(TestRedis redis) {
            this.redis = redis;
            return this;
        }

        /** Changes settings before each replica starts. */
        public Builder settings(UnaryOperator<GatewaySettings.Builder> tune) {
            this.tune = tune;
            return this;
        }

        public TestGateway start() {
            return new TestGateway(this);
        }
    }
}
