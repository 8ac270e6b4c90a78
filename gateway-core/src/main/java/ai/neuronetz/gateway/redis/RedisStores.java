package ai.neuronetz.gateway.redis;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.AuthFailures;
import ai.neuronetz.gateway.metering.RateGate;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.BaseMasterSlaveServersConfig;
import org.redisson.config.Config;
import org.redisson.config.ReadMode;
import org.redisson.config.SubscriptionMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the gateway keeps in Redis, over one connection pool.
 *
 * <p>Thread-safe. A Redis that is away, now or at the start, makes every call a {@link StoreUnavailableException} within
 * 250 ms; once it is back, calls succeed again without help. Needs Redis 7.0 or later. To be closed.
 */
public final class RedisStores implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RedisStores.class);
    private static final List<Object> PROBE_KEYS = List.of("gw:{probe}");
    private static final long PROBE_INTERVAL_MILLIS = 500;
    private static final long FIRST_PROBE_MILLIS = 2000;

    /** A probe that hangs says nothing; its predecessor's answer then counts no longer than this. */
    private static final long PROBE_VALID_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RedissonClient redisson;
    private final RedisCalls calls;
    private final ScheduledExecutorService prober = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "gateway-redis-probe");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch firstProbe = new CountDownLatch(1);

    /** The last probe's outcome; written by the prober only. */
    private volatile Probe lastProbe = new Probe(false, System.nanoTime());

    private RedisStores(RedissonClient redisson, MeterRegistry registry) {
        this.redisson = redisson;
        this.calls = new RedisCalls(redisson, registry);
    }

    /** Connects, waiting up to two seconds for it; a Redis that is away does not stop the start. */
    @SuppressWarnings("FutureReturnValueIgnored") // the probe catches what it throws and runs until closed
    public static RedisStores open(RedisSettings settings, MeterRegistry registry) {
        requireNonNull(settings, "settings");
        requireNonNull(registry, "registry");
        RedisStores stores = new RedisStores(Redisson.create(config(settings)), registry);
        stores.prober.scheduleWithFixedDelay(stores::probe, 0, PROBE_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        try {
            if (!stores.firstProbe.await(FIRST_PROBE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn("Redis does not answer yet; requests are denied until it does");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        NettyTraces.remove();
        return stores;
    }

    /** The gate that counts requests and tokens per minute, and what is open. */
    public RateGate rateGate() {
        return new RedisRateGate(calls);
    }

    /**
     * The count of failed authentications.
     *
     * @param perMinute failures after which a source is barred, at least 1
     */
    public AuthFailures authFailures(int perMinute) {
        return new RedisAuthFailures(calls, perMinute, TimeUnit.MINUTES.toMillis(1));
    }

    /**
     * Whether Redis has answered within the last second. From memory, for health checks. (Of a cluster, the one node that
     * the probe's key belongs to is asked.)
     */
    public boolean usable() {
        Probe probe = lastProbe;
        return probe.answered() && System.nanoTime() - probe.at() <= PROBE_VALID_NANOS;
    }

    @Override
    public void close() {
        prober.shutdownNow();
        redisson.shutdown(0, 2, TimeUnit.SECONDS);
        NettyTraces.remove();
    }

    RedisCalls calls() {
        return calls;
    }

    private void probe() {
        boolean before = lastProbe.answered();
        try {
            calls.probe(PROBE_KEYS);
            lastProbe = new Probe(true, System.nanoTime());
            firstProbe.countDown();
            if (!before) {
                LOG.info("Redis answers");
            }
        } catch (RuntimeException e) {
            lastProbe = new Probe(false, System.nanoTime());
            if (before) {
                LOG.warn("Redis does not answer; requests are denied until it does: {}", e.getMessage());
            }
        }
    }

    static Config config(RedisSettings settings) {
        Config config = new Config()
                .setLazyInitialization(true)
                .setCodec(StringCodec.INSTANCE)
                .setUseScriptCache(true)
                .setThreads(2)
                .setNettyThreads(2);
        settings.user().ifPresent(config::setUsername);
        settings.password().ifPresent(config::setPassword);
        switch (settings.kind()) {
            case SINGLE ->
                config.useSingleServer()
                        .setAddress(settings.addresses().get(0))
                        .setDatabase(settings.database())
                        .setConnectionMinimumIdleSize(2)
                        .setConnectionPoolSize(16)
                        .setSubscriptionConnectionMinimumIdleSize(0)
                        .setSubscriptionConnectionPoolSize(1)
                        .setTimeout(200)
                        .setConnectTimeout(200)
                        .setRetryAttempts(0);
            case SENTINEL ->
                // One Sentinel that answers knows the primary; that others are away is for operators to see.
                masterOnly(config.useSentinelServers()
                        .setCheckSentinelsList(false)
                        .setMasterName(settings.masterName().orElseThrow())
                        .setDatabase(settings.database())
                        .addSentinelAddress(settings.addresses().toArray(String[]::new)));
            case CLUSTER ->
                // A node that is away denies its own tenants; that is no reason to serve nobody.
                masterOnly(config.useClusterServers()
                        .setCheckSlotsCoverage(false)
                        .addNodeAddress(settings.addresses().toArray(String[]::new)));
        }
        return config;
    }

    private static <T extends BaseMasterSlaveServersConfig<T>> void masterOnly(T servers) {
        servers.setReadMode(ReadMode.MASTER)
                .setSubscriptionMode(SubscriptionMode.MASTER)
                .setMasterConnectionMinimumIdleSize(2)
                .setMasterConnectionPoolSize(16)
                .setSlaveConnectionMinimumIdleSize(0)
                .setSubscriptionConnectionMinimumIdleSize(0)
                .setSubscriptionConnectionPoolSize(1)
                .setTimeout(200)
                .setConnectTimeout(200)
                .setRetryAttempts(0);
    }

    /** @param at by {@link System#nanoTime} */
    private record Probe(boolean answered, long at) {}
}
