package ai.neuronetz.gateway.redis;

import static ai.neuronetz.gateway.redis.GateClient.await;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.identity.AuthFailures;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import ai.neuronetz.gateway.testkit.TestRedisSentinel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedisSentinelTest {

    private final TestRedisSentinel redis = TestRedisSentinel.start("s3cret", 3);
    private final RedisStores stores = RedisStores.open(RedisSettings.parse(redis.url()), new SimpleMeterRegistry());
    private final GateClient client = new GateClient(stores);

    @AfterEach
    void close() {
        stores.close();
        redis.close();
    }

    @Test
    void the_primary_counts_requests_and_failed_authentications() {
        GateFixture fixture = client.fixture;
        assertThat(stores.usable()).isTrue();
        client.rebuild(1);
        UUID request = UUID.randomUUID();

        assertThat(fixture.admit(request, fixture.principal(Limits.none(), Limits.none()), 100))
                .isInstanceOf(GateResult.Admitted.class);
        fixture.settle(request, 70);

        assertThat(fixture.dump().toString()).contains("t:T ").contains("=70;");
        AuthFailures failures = stores.authFailures(1);
        assertThat(failures.record("192.0.2.1")).isPositive();
        assertThat(failures.barredFor("192.0.2.1")).isPositive();
    }

    @Test
    void a_gateway_that_starts_finds_the_primary_by_the_one_sentinel_that_answers() {
        redis.stopSentinel(0);
        redis.stopSentinel(1);
        try (RedisStores late = RedisStores.open(RedisSettings.parse(redis.url()), new SimpleMeterRegistry())) {
            await(late::usable);
            new GateClient(late).rebuild(1);
        }
    }

    @Test
    void one_sentinel_alone_will_do() {
        try (TestRedisSentinel watchedByOne = TestRedisSentinel.start("s3cret", 1);
                RedisStores served =
                        RedisStores.open(RedisSettings.parse(watchedByOne.url()), new SimpleMeterRegistry())) {
            await(served::usable);
            new GateClient(served).rebuild(1);
        }
    }

    @Test
    void a_wrong_password_is_denial() {
        String url = redis.url().replace("s3cret", "wrong");
        try (RedisStores refused = RedisStores.open(RedisSettings.parse(url), new SimpleMeterRegistry())) {
            assertThat(refused.usable()).isFalse();
            assertThat(new GateClient(refused).denies()).isTrue();
        }
    }

    @Test
    void after_a_failover_nothing_is_admitted_on_what_the_old_primary_knew() {
        client.rebuild(1);
        String before = client.fixture.identity();

        CompletableFuture<Void> failover = CompletableFuture.runAsync(redis::failOver);
        await(client::knowsNothing);
        failover.join();
        await(() -> !client.fixture.identity().equals(before));
        client.rebuild(2);
        await(stores::usable);

        assertThat(client.admits()).isTrue();
        client.assertInTime();
    }

    @Test
    void a_primary_that_is_killed_denies_until_its_replica_is_promoted() {
        client.rebuild(1);

        CompletableFuture<Void> failover = CompletableFuture.runAsync(redis::killPrimary);
        await(client::denies);
        await(() -> {
            assertThat(client.admits()).as("before an epoch began").isFalse();
            return client.knowsNothing();
        });
        failover.join();
        client.rebuild(2);
        await(stores::usable);

        assertThat(client.admits()).isTrue();
        client.assertInTime();
    }

    @Test
    void a_primary_that_hangs_denies_until_its_replica_is_promoted_and_changes_nothing_when_it_wakes() {
        client.rebuild(1);
        int old = redis.primaryPort();

        redis.pausePrimary();
        await(client::denies);
        await(client::knowsNothing);
        client.rebuild(2);
        redis.resume(old);

        for (int i = 0; i < 200; i++) {
            assertThat(client.knowsNothing()).isFalse();
        }
        client.assertInTime();
    }
}
