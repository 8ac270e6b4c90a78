package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.testkit.TestPostgres;
import java.util.List;
import java.util.Random;

/** The trouble that PostgreSQL and Redis themselves can be in. */
final class StoreFaults {

    private final Victims<TestPostgres> postgres;
    private final Victims<RedisPair> redis;
    private final List<FaultProxy> redisLinks;

    StoreFaults(TestPostgres postgres, RedisPair redis, List<FaultProxy> redisLinks) {
        this.postgres = new Victims<>(List.of(postgres));
        this.redis = new Victims<>(List.of(redis));
        this.redisLinks = redisLinks;
    }

    List<Fault> all() {
        return List.of(
                Fault.of("postgres-restart", this::restartPostgres),
                Fault.of("postgres-freeze", this::freezePostgres),
                Fault.of("redis-flush", random -> redis.trouble(random, RedisPair::flush)),
                Fault.of("redis-restart-empty", this::restartRedis),
                Fault.of("redis-freeze", this::freezeRedis),
                Fault.of("redis-failover-with-loss", this::failOver),
                Fault.of("redis-two-primaries", this::twoPrimaries));
    }

    private void restartPostgres(Random random) throws InterruptedException {
        postgres.trouble(random, server -> {
            server.stop();
            try {
                Fault.last(random, 0, 2_000);
            } finally {
                server.restart();
            }
        });
    }

    private void freezePostgres(Random random) throws InterruptedException {
        postgres.trouble(random, server -> {
            server.pause();
            try {
                Fault.last(random, 200, 4_000);
            } finally {
                server.resume();
            }
        });
    }

    private void restartRedis(Random random) throws InterruptedException {
        redis.trouble(random, pair -> {
            pair.stopPrimary();
            try {
                Fault.last(random, 0, 1_500);
            } finally {
                pair.restartPrimary();
            }
        });
    }

    private void freezeRedis(Random random) throws InterruptedException {
        redis.trouble(random, pair -> {
            pair.pausePrimary();
            try {
                Fault.last(random, 200, 3_000);
            } finally {
                pair.resumePrimary();
            }
        });
    }

    /** The replica must have had something to forget: it copies everything first. */
    private void failOver(Random random) throws InterruptedException {
        redis.trouble(random, pair -> {
            pair.awaitCopied();
            pair.cutReplication();
            try {
                Fault.last(random, 300, 2_000);
            } finally {
                pair.failOver();
            }
        });
    }

    /** Some gateways are told of the new primary late, and write to the old one meanwhile. */
    private void twoPrimaries(Random random) throws InterruptedException {
        redis.trouble(random, pair -> {
            pair.awaitCopied();
            int old = pair.promoteBesidePrimary();
            try {
                for (FaultProxy link : redisLinks) {
                    if (random.nextBoolean()) {
                        link.target(old);
                    }
                }
                Fault.last(random, 300, 2_500);
            } finally {
                redisLinks.forEach(link -> link.target(pair.primaryPort()));
                pair.demoteOldPrimary();
            }
        });
    }
}
