package ai.neuronetz.gateway.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A real Redis Cluster of three masters without replicas on 127.0.0.1, each with a third of the slots.
 *
 * <p>A node that is away takes only its own slots with it ({@code cluster-require-full-coverage no}). Thread-safe; starting
 * takes a few seconds.
 */
public final class TestRedisCluster implements AutoCloseable {

    private static final int NODES = 3;
    private static final int SLOTS = 16_384;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final List<RedisNode> nodes = new ArrayList<>();
    private final String password;

    private TestRedisCluster(String password) {
        this.password = password;
    }

    /** Starts one that asks for a password; returns when all nodes know one another. */
    public static TestRedisCluster start(String password) {
        TestRedisCluster cluster = new TestRedisCluster(password);
        try {
            cluster.form();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void form() {
        for (int i = 0; i < NODES; i++) {
            int busPort = ServerProcess.freePort();
            RedisNode node = RedisNode.start(
                    List.of(
                            "--cluster-enabled",
                            "yes",
                            "--cluster-port",
                            Integer.toString(busPort),
                            "--cluster-node-timeout",
                            "2000",
                            "--cluster-require-full-coverage",
                            "no"),
                    password);
            nodes.add(node);
            node.command(
                    "CLUSTER",
                    "ADDSLOTSRANGE",
                    Integer.toString(SLOTS * i / NODES),
                    Integer.toString(SLOTS * (i + 1) / NODES - 1));
            nodes.get(0)
                    .command(
                            "CLUSTER",
                            "MEET",
                            RedisNode.HOST,
                            Integer.toString(node.port()),
                            Integer.toString(busPort));
        }
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!nodes.stream().allMatch(TestRedisCluster::complete)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the nodes did not find one another within " + LIMIT);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static boolean complete(RedisNode node) {
        String info = node.command("CLUSTER", "INFO");
        return info.contains("cluster_state:ok")
                && info.contains("cluster_slots_ok:" + SLOTS)
                && info.contains("cluster_known_nodes:" + NODES);
    }

    /** {@code redis+cluster://:password@host:port,…}, all nodes. */
    public String url() {
        return "redis+cluster://:" + password + "@"
                + nodes.stream().map(RedisNode::address).collect(Collectors.joining(","));
    }

    /** The node that holds a key, by the slots as they are now. */
    public int nodeOf(String key) {
        String slot = nodes.get(0).command("CLUSTER", "KEYSLOT", key);
        for (int i = 0; i < NODES; i++) {
            if (holds(i, slot)) {
                return i;
            }
        }
        throw new IllegalStateException("nobody holds slot " + slot);
    }

    private boolean holds(int node, String slot) {
        RedisNode asked = nodes.get(node);
        if (asked.stopped()) {
            return false;
        }
        int number = Integer.parseInt(slot);
        String own = asked.command("CLUSTER", "NODES")
                .lines()
                .filter(line -> line.contains("myself"))
                .findFirst()
                .orElse("");
        // id, address, flags, master, two times, epoch, link, then the slots.
        return List.of(own.split(" ")).stream().skip(8).anyMatch(range -> {
            String[] ends = range.split("-", -1);
            return !range.startsWith("[")
                    && number >= Integer.parseInt(ends[0])
                    && number <= Integer.parseInt(ends[ends.length - 1]);
        });
    }

    /** Moves the slot of a key, with all keys in it, to another node. */
    public void moveSlotOf(String key, int to) {
        int from = nodeOf(key);
        RedisNode source = nodes.get(from);
        RedisNode target = nodes.get(to);
        String slot = source.command("CLUSTER", "KEYSLOT", key);
        String sourceId = source.command("CLUSTER", "MYID");
        String targetId = target.command("CLUSTER", "MYID");
        target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceId);
        source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", targetId);
        String keys = source.command("CLUSTER", "GETKEYSINSLOT", slot, "100");
        for (String each : keys.isEmpty() ? new String[0] : keys.split(" ")) {
            source.command(
                    "MIGRATE", RedisNode.HOST, Integer.toString(target.port()), each, "0", "5000", "AUTH", password);
        }
        target.command("CLUSTER", "SETSLOT", slot, "NODE", targetId);
        nodes.forEach(node -> node.command("CLUSTER", "SETSLOT", slot, "NODE", targetId));
    }

    /** Kills a node: its memory is lost, its slots stay its own. */
    public void stop(int node) {
        nodes.get(node).stop();
    }

    /** Starts a node again on its port, empty, with the slots it had. */
    public void restart(int node) {
        nodes.get(node).restart();
    }

    /** Freezes a node (SIGSTOP): connections stay open and nothing is answered. */
    public void pause(int node) {
        nodes.get(node).pause();
    }

    /** Undoes {@link #pause}. */
    public void resume(int node) {
        nodes.get(node).resume();
    }

    /** Runs one command on one node. */
    public String command(int node, String... words) {
        return nodes.get(node).command(words);
    }

    @Override
    public void close() {
        nodes.forEach(RedisNode::close);
    }
}
