package ai.neuronetz.gateway.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * A real Redis primary with a replica, watched by Sentinels that promote the replica when the primary is gone.
 *
 * <p>Thread-safe; starting takes some seconds.
 */
public final class TestRedisSentinel implements AutoCloseable {

    private static final String NAME = "main";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final List<RedisNode> servers = new ArrayList<>();
    private final List<RedisNode> sentinels = new ArrayList<>();
    private final String password;
    private final int watchers;

    private TestRedisSentinel(String password, int watchers) {
        this.password = password;
        this.watchers = watchers;
    }

    /**
     * Starts one whose servers, but not its Sentinels, ask for a password; returns when a failover is possible.
     *
     * @param sentinels how many; more than half of them must agree
     */
    public static TestRedisSentinel start(String password, int sentinels) {
        TestRedisSentinel set = new TestRedisSentinel(password, sentinels);
        try {
            set.form();
            return set;
        } catch (RuntimeException e) {
            set.close();
            throw e;
        }
    }

    private void form() {
        RedisNode primary = RedisNode.start(List.of("--repl-diskless-sync-delay", "0"), password);
        servers.add(primary);
        servers.add(RedisNode.start(
                List.of("--repl-diskless-sync-delay", "0", "--replicaof", RedisNode.HOST + " " + primary.port()),
                password));
        for (int i = 0; i < watchers; i++) {
            sentinels.add(RedisNode.sentinel(List.of(
                    "sentinel monitor " + NAME + " " + RedisNode.HOST + " " + primary.port() + " " + (watchers / 2 + 1),
                    "sentinel auth-pass " + NAME + " " + password,
                    "sentinel down-after-milliseconds " + NAME + " 2000",
                    "sentinel failover-timeout " + NAME + " 5000")));
        }
        await(
                "the Sentinels find one another and the replica",
                () -> sentinels.stream()
                        .allMatch(sentinel ->
                                sentinel.command("SENTINEL", "CKQUORUM", NAME).startsWith("OK " + watchers)
                                        && sentinel.command("SENTINEL", "REPLICAS", NAME)
                                                .contains("master-link-status ok")));
    }

    /** {@code redis+sentinel://:password@host:port,…/main}, all Sentinels. */
    public String url() {
        return "redis+sentinel://:" + password + "@"
                + sentinels.stream().map(RedisNode::address).collect(Collectors.joining(",")) + "/" + NAME;
    }

    /** Kills a Sentinel. */
    public void stopSentinel(int index) {
        sentinels.get(index).stop();
    }

    /** Port of the server that the Sentinels call the primary. */
    public int primaryPort() {
        String[] address = sentinels
                .get(0)
                .command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
                .split(" ", -1);
        return Integer.parseInt(address[1]);
    }

    /** Has the Sentinels promote the replica, though the primary lives; returns when it is promoted. */
    public void failOver() {
        int before = primaryPort();
        sentinels.get(0).command("SENTINEL", "FAILOVER", NAME);
        awaitPromotion(before);
    }

    /** Kills the primary and returns when the replica was promoted. */
    public void killPrimary() {
        int before = primaryPort();
        primary().stop();
        awaitPromotion(before);
    }

    /** Freezes the primary (SIGSTOP). */
    public void pausePrimary() {
        primary().pause();
    }

    /** Undoes {@link #pausePrimary} of the server on this port. */
    public void resume(int port) {
        server(port).resume();
    }

    private RedisNode primary() {
        return server(primaryPort());
    }

    private RedisNode server(int port) {
        return servers.stream()
                .filter(server -> server.port() == port)
                .findFirst()
                .orElseThrow();
    }

    private void awaitPromotion(int before) {
        await(
                "the replica is promoted",
                () -> primaryPort() != before && primary().command("ROLE").startsWith("master"));
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not within " + LIMIT + ": " + what);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static boolean holds(BooleanSupplier condition) {
        try {
            return condition.getAsBoolean();
        } catch (IllegalStateException notYet) {
            // A Sentinel answers NOQUORUM until it has found the others.
            return false;
        }
    }

    @Override
    public void close() {
        sentinels.forEach(RedisNode::close);
        servers.forEach(RedisNode::close);
    }
}
