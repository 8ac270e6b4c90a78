package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class OutageAcceptanceTest {

    private static final Duration DENIED_WITHIN = Duration.ofMillis(300);
    private static final Duration RECOVERED_WITHIN = Duration.ofSeconds(15);

    @SuppressWarnings("NullAway.Init")
    private TestPostgres postgres;

    @SuppressWarnings("NullAway.Init")
    private TestRedis redis;

    @SuppressWarnings("NullAway.Init")
    private TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private TestClient client;

    @BeforeEach
    void a_gateway_that_works() {
        postgres = TestPostgres.start();
        redis = TestRedis.start();
        gateway = TestGateway.builder().postgres(postgres).redis(redis).start();
        client = new TestClient(gateway.url(), gateway.tenant().key().secret());
        // Warm: what is measured below is the outage, not the first use of a class.
        for (int request = 0; request < 30; request++) {
            await().pollDelay(Duration.ZERO).atMost(RECOVERED_WITHIN).until(() -> chat().statusCode() == 200);
        }
        gateway.ollama().clearRecord();
    }

    @AfterEach
    void stop() {
        gateway.close();
        redis.close();
        postgres.close();
    }

    @Test
    void without_redis_a_request_is_denied_and_nothing_reaches_ollama_until_redis_is_back() {
        redis.stop();
        assertDeniedInTime();

        redis.restart();
        assertRecovers();
    }

    @Test
    void while_redis_hangs_a_request_is_denied_in_time() {
        redis.pause();
        assertDeniedInTime();

        redis.resume();
        assertRecovers();
    }

    @Test
    void after_redis_forgot_everything_nobody_gets_a_fresh_minute() {
        TestGateway.Tenant tenant =
                gateway.tenant().limits(new ai.neuronetz.gateway.identity.Limits(3L, null, null, null, null, null));
        TestClient limited = new TestClient(gateway.url(), tenant.key().secret());
        for (int request = 0; request < 3; request++) {
            assertThat(limited.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(200);
        }
        assertThat(limited.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(429);

        redis.flush();

        await().atMost(RECOVERED_WITHIN)
                .until(() -> limited.post("/api/chat", TestClient.CHAT).statusCode() != 503);
        assertThat(limited.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(429);
    }

    @Test
    void without_postgres_a_request_is_denied_and_nothing_reaches_ollama_until_postgres_is_back() {
        postgres.stop();
        assertDeniedInTime();

        postgres.restart();
        assertRecovers();
    }

    @Test
    void while_postgres_hangs_a_request_is_denied_in_time() {
        postgres.pause();
        assertDeniedInTime();

        postgres.resume();
        assertRecovers();
    }

    @Test
    void when_discovery_has_expired_no_model_resolves_until_ollama_answers_again() {
        gateway.ollama().unavailable(true);
        await().atMost(Duration.ofSeconds(10)).until(() -> chat().body().contains("models_unverifiable"));
        gateway.ollama().clearRecord();
        assertDeniedInTime();

        gateway.ollama().unavailable(false);
        assertRecovers();
    }

    private void assertDeniedInTime() {
        long start = System.nanoTime();
        HttpResponse<String> denied = chat();
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(denied.statusCode()).as(denied.body()).isEqualTo(503);
        assertThat(denied.headers().firstValue("Retry-After")).contains("1");
        assertThat(took).isLessThan(DENIED_WITHIN);
        for (int request = 0; request < 20; request++) {
            assertThat(chat().statusCode()).isEqualTo(503);
        }
        assertThat(gateway.ollama().inferenceRequests()).isEmpty();
        await().atMost(Duration.ofSeconds(5)).until(() -> client.get("/healthz").statusCode() == 503);
    }

    private void assertRecovers() {
        await().atMost(RECOVERED_WITHIN).until(() -> chat().statusCode() == 200);
        await().atMost(RECOVERED_WITHIN).until(() -> client.get("/healthz").statusCode() == 200);
    }

    private HttpResponse<String> chat() {
        return client.post("/api/chat", TestClient.CHAT_WHOLE);
    }
}
