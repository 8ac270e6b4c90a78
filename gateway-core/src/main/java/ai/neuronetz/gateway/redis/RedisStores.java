package ai.neuronetz.gateway.redis;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.AuthFailures;
import ai.neuronetz.gateway.metering.RateGate;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.redisson.Redisson;
import org.redisson.api.RScript.ReturnType;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.BaseConfig;
import org.redisson.config.BaseMasterSlaveServersConfig;
import org.redisson.config.Config;
import org.redisson.config.ConstantDelay;
import org.redisson.config.ReadMode;
import org.redisson.config.SingleServerConfig;

/**
 * What Redis is the authority for. Redis need not be up when this is opened; it recovers by itself.
 *
 * <p>Thread-safe.
 */
public final class RedisStores implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 200;
    private static final int CONNECTIONS = 24;
    private static final int PROBE_MILLIS = 500;

    private final RedissonClient client;
    private final RedisScripts scripts;
    private final ScheduledExecutorService probe;
    private volatile boolean usable;

    private RedisStores(RedissonClient client) {
        this.client = client;
        this.scripts = new RedisScripts(client);
        this.probe = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "gateway-redis-probe");
            thread.setDaemon(true);
            return thread;
        });
        probe.scheduleWithFixedDelay(this::probe, 0, PROBE_MILLIS, TimeUnit.MILLISECONDS);
    }

    public static RedisStores open(RedisSettings settings) {
        Config config = new Config();
        config.setCodec(StringCodec.INSTANCE);
        config.setLazyInitialization(true);
        config.setUseScriptCache(true);
        config.setThreads(2);
        config.setNettyThreads(2);
        if (settings.user() != null) {
            config.setUsername(settings.user());
        }
        if (settings.password() != null) {
            config.setPassword(settings.password());
        }
        switch (settings.kind()) {
            case SINGLE -> {
                SingleServerConfig single = config.useSingleServer();
                single.setAddress(settings.addresses().get(0))
                        .setConnectionPoolSize(CONNECTIONS)
                        .setConnectionMinimumIdleSize(2);
                tune(single);
            }
            case SENTINEL ->
                tune(tuneMaster(config.useSentinelServers()
                        .setMasterName(settings.master())
                        .addSentinelAddress(settings.addresses().toArray(String[]::new))));
            case CLUSTER ->
                tune(tuneMaster(config.useClusterServers()
                        .addNodeAddress(settings.addresses().toArray(String[]::new))));
        }
        return new RedisStores(Redisson.create(config));
    }

    /** One attempt and a short time-out: a second attempt could count a request twice, and would come too late anyway. */
    private static void tune(BaseConfig<?> servers) {
        servers.setTimeout(TIMEOUT_MILLIS);
        servers.setConnectTimeout(TIMEOUT_MILLIS);
        servers.setRetryAttempts(0);
        servers.setReconnectionDelay(new ConstantDelay(java.time.Duration.ofMillis(200)));
        servers.setPingConnectionInterval(1000);
    }

    /** A replica's answer may be old: only the master is asked. */
    private static <T extends BaseMasterSlaveServersConfig<T>> T tuneMaster(T servers) {
        return servers.setReadMode(ReadMode.MASTER)
                .setMasterConnectionPoolSize(CONNECTIONS)
                .setMasterConnectionMinimumIdleSize(2);
    }

    public RateGate rateGate() {
        return new RedisRateGate(scripts);
    }

    /** @param perMinute failures per source and minute, at least 1 */
    public AuthFailures authFailures(int perMinute) {
        return new RedisAuthFailures(scripts, perMinute);
    }

    RedisScripts scripts() {
        return scripts;
    }

    /** Whether Redis answered when it was last asked, at most a second ago. */
    public boolean usable() {
        return usable;
    }

    private void probe() {
        try {
            scripts.<Long>run("return 1", ReturnType.LONG, List.of());
            usable = true;
        } catch (StoreUnavailableException e) {
            usable = false;
        }
    }

    @Override
    public void close() {
        probe.shutdownNow();
        client.shutdown(0, 2, TimeUnit.SECONDS);
    }
}
