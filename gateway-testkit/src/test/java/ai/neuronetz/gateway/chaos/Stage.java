package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyHash;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Pepper;
import ai.neuronetz.gateway.testkit.MockOllama;
import ai.neuronetz.gateway.testkit.StageSchema;
import ai.neuronetz.gateway.testkit.TestDatabase;
import ai.neuronetz.gateway.testkit.TestPostgres;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The processes of one run: gateways in JVMs of their own, PostgreSQL with fsync, a Redis primary and replica, a mock Ollama. */
final class Stage implements AutoCloseable {

    private static final String PEPPER = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private static final int KEPT_RECORDS = 1_000_000;
    private static final Duration HEALTHY_LIMIT = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    private final TestPostgres postgres;
    private final TestDatabase database;
    private final Administration administration;
    private final MockOllama ollama;
    private final RedisPair redis;
    private final List<FaultProxy> redisLinks = new CopyOnWriteArrayList<>();
    private final List<FaultProxy> postgresLinks = new ArrayList<>();
    private final List<GatewayProcess> gateways = new ArrayList<>();
    private final List<Fault> faults;

    /**
     * How a stage is set up.
     *
     * @param overlay a directory in front of the gateways' class path, such as one with other scripts
     * @param databasePatch run as superuser once the schema is there
     * @param maxConcurrentUpstream of each gateway
     */
    record Options(
            int gateways, @Nullable Path overlay, Consumer<Connection> databasePatch, int maxConcurrentUpstream) {

        static Options of(int gateways) {
            return new Options(gateways, null, connection -> {}, 256);
        }

        Options withOverlay(Path directory) {
            return new Options(gateways, directory, databasePatch, maxConcurrentUpstream);
        }

        Options withDatabasePatch(Consumer<Connection> patch) {
            return new Options(gateways, overlay, patch, maxConcurrentUpstream);
        }

        Options withMaxConcurrentUpstream(int places) {
            return new Options(gateways, overlay, databasePatch, places);
        }
    }

    private Stage(Options options) {
        try {
            this.postgres = closing(TestPostgres.start(true));
            this.database = postgres.createDatabase();
            StageSchema.migrate(database);
            patch(options.databasePatch());
            this.administration = closing(StageSchema.administration(database));
            this.ollama = closing(MockOllama.builder().keep(KEPT_RECORDS).start());
            this.redis = closing(new RedisPair(port -> redisLinks.forEach(link -> link.target(port))));
            for (int gateway = 0; gateway < options.gateways(); gateway++) {
                FaultProxy toPostgres = closing(new FaultProxy(postgres.port()));
                FaultProxy toRedis = closing(new FaultProxy(redis.primaryPort()));
                postgresLinks.add(toPostgres);
                redisLinks.add(toRedis);
                gateways.add(closing(new GatewayProcess(
                        options.overlay(),
                        Map.of(
                                "DATABASE_URL", StageSchema.appUrl(database, toPostgres.port()),
                                "REDIS_URL", "redis://127.0.0.1:" + toRedis.port(),
                                "OLLAMA_URL", ollama.uri().toString(),
                                "KEY_PEPPER", PEPPER,
                                "MAX_CONCURRENT_UPSTREAM", Integer.toString(options.maxConcurrentUpstream())))));
            }
            this.faults = everyFault();
            heal();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    static Stage start(Options options) {
        return new Stage(options);
    }

    int gateways() {
        return gateways.size();
    }

    /** Base URL of a gateway, the same before and after its restart. */
    URI url(int gateway) {
        return gateways.get(gateway).url();
    }

    MockOllama ollama() {
        return ollama;
    }

    /** Past all proxies, as superuser. */
    TestDatabase database() {
        return database;
    }

    /** One command to the current primary, past all proxies; a list comes one element a line. */
    String redisCommand(String... words) {
        return redis.command(words);
    }

    Administration administration() {
        return administration;
    }

    /** Makes a tenant with a fresh id: every installed model allowed, nothing limited. */
    String tenant() {
        String id = "t-" + UUID.randomUUID().toString().substring(0, 13);
        administration.createTenant(id, id);
        administration.setTenantModels(id, new ModelPolicy(true, List.of()));
        return id;
    }

    /** Makes a key. */
    Key key(String tenantId) {
        ApiKey key = ApiKey.generate();
        administration.createKey(
                tenantId,
                key.id(),
                "chaos",
                Pepper.parse(PEPPER).lookupCode(key),
                KeyHash.standard().hash(key),
                null);
        return new Key(key);
    }

    /** Every kind of trouble there is, bound to this stage. */
    List<Fault> faults() {
        return faults;
    }

    /** The one with this name. */
    Fault fault(String name) {
        return faults.stream()
                .filter(fault -> fault.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such fault: " + name));
    }

    /**
     * Has everything run and every proxy pass again; returns when every gateway says it is healthy. Not while a fault
     * strikes. What a gateway says may be two seconds old: a request right after may still be denied.
     *
     * @throws IllegalStateException if one is not after 60 s, with its last log lines
     */
    void heal() {
        healPostgres();
        redis.heal();
        postgresLinks.forEach(FaultProxy::pass);
        redisLinks.forEach(FaultProxy::pass);
        gateways.forEach(GatewayProcess::heal);
        try {
            for (GatewayProcess gateway : gateways) {
                gateway.awaitStatus("/healthz", HEALTHY_LIMIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the stage healed", e);
        }
    }

    /** Ends all processes and removes what they wrote. */
    @Override
    public void close() {
        while (!toClose.isEmpty()) {
            FaultProxy.closeQuietly(toClose.pop());
        }
    }

    private List<Fault> everyFault() {
        List<Fault> every = new ArrayList<>(new StoreFaults(postgres, redis, redisLinks).all());
        LinkFaults postgresLink = new LinkFaults("postgres", postgresLinks);
        every.addAll(postgresLink.all());
        every.addAll(postgresLink.beyondDeadTime());
        every.addAll(new LinkFaults("redis", redisLinks).all());
        every.addAll(new GatewayFaults(gateways, this::provoke).all());
        return List.copyOf(every);
    }

    private void provoke(CrashPoint point, GatewayProcess gateway) {
        switch (point) {
            case BEFORE_BEGIN_EPOCH, AFTER_BEGIN_EPOCH, BEFORE_GATE_REBUILD, AFTER_GATE_REBUILD -> {
                try {
                    redis.flush();
                } catch (UncheckedIOException | IllegalStateException e) {
                    // Another fault has taken Redis away; its end will have the state rebuilt as well.
                    return;
                }
            }
            case BEFORE_LEDGER_VOID, AFTER_LEDGER_VOID, BEFORE_GATE_RELEASE, AFTER_GATE_RELEASE ->
                postgresLinks.get(gateways.indexOf(gateway)).loseNextAnswer();
            default -> {
                // Every request passes the others.
            }
        }
    }

    private void healPostgres() {
        try {
            postgres.resume();
            database.connect().close();
        } catch (IllegalStateException | SQLException e) {
            postgres.restart();
        }
    }

    private void patch(Consumer<Connection> databasePatch) {
        try (Connection connection = database.connect()) {
            databasePatch.accept(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot patch the database", e);
        }
    }

    private <T extends AutoCloseable> T closing(T opened) {
        toClose.push(opened);
        return opened;
    }

    /** A key that may be shown. */
    record Key(ApiKey key) {

        KeyId id() {
            return key.id();
        }

        /** The whole key, for an {@code Authorization} header. */
        String secret() {
            return key.reveal();
        }
    }
}
