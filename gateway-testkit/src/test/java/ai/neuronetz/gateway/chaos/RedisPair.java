package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.testkit.TestRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.awaitility.Awaitility;

/**
 * A Redis primary and its replica, which copies through a proxy that can be frozen: what the primary acknowledges then is lost
 * when the replica takes over.
 *
 * <p>Whoever uses the primary is told when it is another. Thread-safe.
 */
final class RedisPair implements AutoCloseable {

    private static final Duration COPY_LIMIT = Duration.ofSeconds(20);

    private final IntConsumer onPrimary;
    private final FaultProxy link;

    // Guarded by this.
    private TestRedis primary;
    private TestRedis replica;

    /** @param onPrimary told of the primary's port whenever it changes, and first before this returns */
    RedisPair(IntConsumer onPrimary) {
        this.onPrimary = onPrimary;
        this.primary = TestRedis.start();
        try {
            this.replica = TestRedis.start();
        } catch (RuntimeException e) {
            primary.close();
            throw e;
        }
        this.link = new FaultProxy(primary.port());
        try {
            attach();
            awaitCopied();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        onPrimary.accept(primary.port());
    }

    synchronized int primaryPort() {
        return primary.port();
    }

    synchronized int replicaPort() {
        return replica.port();
    }

    /** One command to the primary; see {@link RedisConnection#send}. */
    String command(String... words) {
        return ask(primaryPort(), words);
    }

    void flush() {
        command("FLUSHALL");
    }

    synchronized void pausePrimary() {
        primary.pause();
    }

    synchronized void resumePrimary() {
        primary.resume();
    }

    synchronized void stopPrimary() {
        primary.stop();
    }

    /** Empty, on the same port; the replica then copies the emptiness. */
    synchronized void restartPrimary() {
        primary.restart();
        hurry(primary.port());
    }

    /** What the primary acknowledges from now on will not be copied. */
    void cutReplication() {
        link.freeze();
    }

    /** The primary dies and the replica takes its place, as far as it had copied. The dead one comes back as its replica. */
    synchronized void failOver() {
        primary.stop();
        promote();
        replica.restart();
        link.pass();
        attach();
    }

    /**
     * The replica takes over while the old primary lives: whoever is not told still writes there.
     *
     * @return the port of the old primary
     */
    synchronized int promoteBesidePrimary() {
        promote();
        return replica.port();
    }

    /** After {@link #promoteBesidePrimary}: the old primary becomes the new one's replica, and what only it knew is gone. */
    synchronized void demoteOldPrimary() {
        link.pass();
        attach();
    }

    /** Everything runs again, and the replica copies. */
    synchronized void heal() {
        for (TestRedis redis : new TestRedis[] {primary, replica}) {
            try {
                redis.resume();
                ask(redis.port(), "PING");
            } catch (IllegalStateException | UncheckedIOException e) {
                redis.restart();
            }
        }
        link.pass();
        attach();
        onPrimary.accept(primary.port());
    }

    /** Returns when the replica has everything the primary had when this was called. */
    void awaitCopied() {
        Awaitility.await()
                .atMost(COPY_LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> ask(replicaPort(), "INFO", "replication").contains("master_link_status:up"));
        command("INCR", "copied-so-far");
        String mark = command("GET", "copied-so-far");
        Awaitility.await()
                .atMost(COPY_LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> ask(replicaPort(), "GET", "copied-so-far").equals(mark));
    }

    @Override
    public synchronized void close() {
        link.close();
        replica.close();
        primary.close();
    }

    private void promote() {
        TestRedis promoted = replica;
        replica = primary;
        primary = promoted;
        ask(primary.port(), "REPLICAOF", "NO", "ONE");
        onPrimary.accept(primary.port());
    }

    private void attach() {
        hurry(primary.port());
        hurry(replica.port());
        link.target(primary.port());
        ask(replica.port(), "REPLICAOF", "127.0.0.1", Integer.toString(link.port()));
    }

    /** By default a primary waits five seconds for further replicas before it sends its first copy. */
    private static void hurry(int port) {
        ask(port, "CONFIG", "SET", "repl-diskless-sync-delay", "0");
    }

    private static String ask(int port, String... words) {
        try (RedisConnection connection = new RedisConnection(port)) {
            return connection.send(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
