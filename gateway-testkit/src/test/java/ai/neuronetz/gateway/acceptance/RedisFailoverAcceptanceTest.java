package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.TestRedisCluster;
import ai.neuronetz.gateway.testkit.TestRedisSentinel;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every minute has room for so many requests, whatever becomes of the Redis that counts them. */
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RedisFailoverAcceptanceTest {

    private static final long PER_MINUTE = 5;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void a_killed_primary_is_denial_then_a_new_epoch_then_admissions_within_the_same_limit() throws Exception {
        try (TestRedisSentinel redis = TestRedisSentinel.start("s3cret", 3);
                TestGateway gateway = over(redis.url())) {
            TestGateway.Tenant tenant = gateway.tenant().limits(perMinute());
            TestClient client = new TestClient(gateway.url(), tenant.key().secret());
            assertThat(chat(client)).isEqualTo(200);
            long epoch = epoch(gateway, tenant);

            CompletableFuture<Void> failover = CompletableFuture.runAsync(redis::killPrimary);
            List<Integer> statuses = askUntil200(client);
            failover.join();

            assertThat(statuses).contains(503).doesNotContain(429);
            assertThat(epoch(gateway, tenant)).isGreaterThan(epoch);
            assertThat(askUntil429(client, statuses)).isEqualTo(PER_MINUTE - 1);
        }
    }

    @Test
    void a_killed_node_of_a_cluster_denies_its_tenants_only_and_its_return_is_a_new_epoch() throws Exception {
        try (TestRedisCluster redis = TestRedisCluster.start("s3cret");
                TestGateway gateway = over(redis.url())) {
            int killed = (redis.nodeOf("gw:{probe}") + 1) % 3;
            TestGateway.Tenant away = tenantOn(gateway, redis, killed);
            TestGateway.Tenant other = tenantOn(gateway, redis, (killed + 1) % 3);
            TestClient client = new TestClient(gateway.url(), away.key().secret());
            TestClient bystander = new TestClient(gateway.url(), other.key().secret());
            await().atMost(LIMIT).until(() -> chat(client) == 200);
            await().atMost(LIMIT).until(() -> chat(bystander) == 200);
            long epoch = epoch(gateway, away);

            redis.stop(killed);
            for (int i = 0; i < 5; i++) {
                assertThat(chat(client)).isEqualTo(503);
                await().atMost(LIMIT).until(() -> chat(bystander) == 200);
            }
            redis.restart(killed);

            await().atMost(LIMIT).until(() -> chat(client) == 200);
            assertThat(epoch(gateway, away)).isGreaterThan(epoch);
        }
    }

    private static TestGateway over(String redisUrl) {
        return TestGateway.builder()
                .settings(settings -> settings.redisUrl(redisUrl))
                .start();
    }

    private static Limits perMinute() {
        return new Limits(PER_MINUTE, null, null, null, null, null);
    }

    private static TestGateway.Tenant tenantOn(TestGateway gateway, TestRedisCluster redis, int node) {
        TestGateway.Tenant tenant = gateway.tenant();
        return redis.nodeOf("gw:{" + tenant.id() + "}:s") == node ? tenant : tenantOn(gateway, redis, node);
    }

    /** Until a request is admitted that came after a denial. */
    private static List<Integer> askUntil200(TestClient client) {
        List<Integer> statuses = new ArrayList<>();
        await().atMost(LIMIT).until(() -> {
            statuses.add(chat(client));
            return statuses.contains(503) && statuses.get(statuses.size() - 1) == 200;
        });
        return statuses;
    }

    /** How many were admitted in all, after the first one, until the minute was full. */
    private static long askUntil429(TestClient client, List<Integer> statuses) {
        await().atMost(LIMIT).until(() -> {
            statuses.add(chat(client));
            return statuses.get(statuses.size() - 1) == 429;
        });
        return statuses.stream().filter(status -> status == 200).count();
    }

    private static int chat(TestClient client) {
        HttpResponse<String> answer = client.post("/api/chat", TestClient.CHAT);
        return answer.statusCode();
    }

    private static long epoch(TestGateway gateway, TestGateway.Tenant tenant) throws SQLException {
        try (Connection connection = gateway.database().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT epoch FROM gateway.tenant_gate WHERE tenant_id = '" + tenant.id() + "'")) {
            row.next();
            return row.getLong(1);
        }
    }
}
