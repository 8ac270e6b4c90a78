package ai.neuronetz.gateway.redis;

import static ai.neuronetz.gateway.admin.Diagnosis.failure;
import static ai.neuronetz.gateway.admin.Diagnosis.ok;
import static ai.neuronetz.gateway.admin.Diagnosis.warning;

import ai.neuronetz.gateway.admin.Diagnosis;
import ai.neuronetz.gateway.admin.Examination;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;

/** Whether a Redis is one that the limits can be left to. Of a cluster, one node is looked at. */
public final class RedisExamination {

    private static final int OLDEST = 7;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int CONNECT_MILLIS = 300;
    private static final List<Object> KEYS = List.of("gw:{doctor}");

    private static final String LET_IN =
            "redis-cli ACL SETUSER <user> on '><password>' '~gw:*' +@read +@write +@scripting"
                    + " +@connection +info +time";

    private RedisExamination() {}

    /** Takes about three seconds at most. */
    public static Examination of(RedisSettings settings) {
        RedissonClient client = Redisson.create(RedisStores.config(settings));
        try {
            RedisCalls calls = new RedisCalls(client, new SimpleMeterRegistry());
            connect(calls);
            Instant before = Instant.now();
            List<Object> answer = calls.run(RedisScript.EXAMINE, KEYS);
            Instant now = before.plus(Duration.between(before, Instant.now()).dividedBy(2));
            return examined(answer.stream().map(String::valueOf).toList(), now);
        } catch (StoreUnavailableException e) {
            return new Examination(List.of(unusable(settings, String.valueOf(e.getMessage()))), null);
        } finally {
            client.shutdown(0, 2, TimeUnit.SECONDS);
            NettyTraces.remove();
        }
    }

    /** The first call connects, which may take longer than a call may. */
    private static void connect(RedisCalls calls) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                calls.probe(KEYS);
                return;
            } catch (StoreUnavailableException e) {
                if (System.nanoTime() >= deadline) {
                    throw e;
                }
            }
        }
    }

    private static Diagnosis unusable(RedisSettings settings, String why) {
        String found = String.join(", ", settings.addresses()) + " cannot be used: " + why;
        if (why.contains("NOPERM") || why.contains("WRONGPASS") || why.contains("NOAUTH")) {
            return failure("redis", found, "correct the login in REDIS_URL, or let it in: " + LET_IN);
        }
        if (settings.addresses().stream().anyMatch(RedisExamination::takesConnections)) {
            return failure(
                    "redis",
                    found,
                    "something listens there: see that login and scheme (rediss for TLS) in REDIS_URL are right: redis-cli -u"
                            + " <url> PING");
        }
        return failure(
                "redis",
                found,
                "systemctl start redis-server, and see that REDIS_URL names it: redis-cli -u <url> PING");
    }

    private static boolean takesConnections(String address) {
        URI uri = URI.create(address);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Examination examined(List<String> answer, Instant now) {
        List<Diagnosis> found = new ArrayList<>();
        String version = answer.get(0);
        found.add(
                major(version) >= OLDEST
                        ? ok("redis", "answers, version " + version + ", as run " + answer.get(1))
                        : failure(
                                "redis",
                                "has version " + version + "; the limits need " + OLDEST + " or later",
                                "apt-get install redis-server, from a release that has Redis " + OLDEST));
        if (answer.get(1).isEmpty()) {
            found.add(failure(
                    "redis identity",
                    "INFO shows no run_id, by which a restart that lost the counts is noticed",
                    "use a Redis whose INFO has the section server"));
        }
        String role = answer.get(2);
        if (!role.equals("master")) {
            found.add(
                    failure(
                            "redis role",
                            "is a " + role + "; only a primary counts",
                            "name the primary in REDIS_URL, or use redis+sentinel://; to promote it: redis-cli REPLICAOF NO ONE"));
        }
        found.add(policy(answer.get(3), answer.get(4)));
        String denied = answer.get(7);
        found.add(
                denied.isEmpty()
                        ? ok("redis commands", "every command of the limits is permitted")
                        : failure("redis commands", "does not permit: " + denied, LET_IN));
        return new Examination(found, ahead(answer, now));
    }

    private static Diagnosis policy(String maxMemory, String policy) {
        String mend = "redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf";
        if (policy.equals("noeviction")) {
            return ok("redis policy", "keeps what it counts (maxmemory-policy noeviction)");
        }
        return maxMemory.equals("0")
                ? warning(
                        "redis policy",
                        "maxmemory-policy is " + policy + "; with a maxmemory, counts would vanish",
                        mend)
                : failure(
                        "redis policy", "maxmemory-policy is " + policy + ": counts vanish when memory is short", mend);
    }

    private static @Nullable Duration ahead(List<String> answer, Instant now) {
        Instant there = Instant.ofEpochSecond(Long.parseLong(answer.get(5)), Long.parseLong(answer.get(6)) * 1_000);
        return Duration.between(now, there);
    }

    private static int major(String version) {
        String digits = version.replaceFirst("\\D.*", "");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }
}
