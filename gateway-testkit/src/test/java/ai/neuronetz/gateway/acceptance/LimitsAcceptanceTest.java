package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class LimitsAcceptanceTest {

    private static final int CONCURRENT = 200;
    private static final int ROOM = 17;

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @BeforeAll
    static void start(TestGateway started) {
        gateway = started;
    }

    @Test
    void a_budget_with_room_for_some_admits_exactly_those() {
        TestGateway.Tenant tenant = gateway.tenant();
        long each = reservationOf(tenant);
        tenant.limits(new Limits(null, null, null, null, null, spentBy(tenant) + ROOM * each));

        List<HttpResponse<String>> answers = atOnce(tenant.key());

        assertExactlyTheRoomAdmitted(answers, 402);
        assertThat(gateway.ollama().inferenceRequests()).hasSize(count(answers, 200));
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() == 200)
                .extracting(answer ->
                        answer.headers().firstValueAsLong("X-Budget-Remaining").orElse(-1))
                .doesNotHaveDuplicates()
                .isSubsetOf(
                        IntStream.range(0, ROOM).mapToObj(left -> left * each).toList());
    }

    @Test
    void a_keys_budget_binds_below_its_tenants() {
        TestGateway.Tenant tenant = gateway.tenant();
        long each = reservationOf(tenant);
        TestGateway.Key key = tenant.key().limits(new Limits(null, null, null, ROOM * each, null, null));

        List<HttpResponse<String>> answers = atOnce(key);

        assertExactlyTheRoomAdmitted(answers, 402);
        assertThat(gateway.ollama().inferenceRequests()).hasSize(count(answers, 200));
    }

    @Test
    void tokens_per_minute_with_room_for_some_admit_exactly_those() {
        TestGateway.Tenant tenant = gateway.tenant();
        long each = reservationOf(tenant);
        tenant.limits(new Limits(null, spentBy(tenant) + ROOM * each, null, null, null, null));

        List<HttpResponse<String>> answers = atOnce(tenant.key());

        assertExactlyTheRoomAdmitted(answers, 429);
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() == 429)
                .allSatisfy(answer ->
                        assertThat(answer.headers().firstValue("Retry-After")).isPresent());
        assertThat(gateway.ollama().inferenceRequests()).hasSize(count(answers, 200));
    }

    @Test
    void requests_per_minute_and_concurrency_admit_exactly_their_number() {
        TestGateway.Tenant perMinute = gateway.tenant().limits(new Limits((long) ROOM, null, null, null, null, null));
        TestGateway.Tenant atOnce = gateway.tenant().limits(new Limits(null, null, (long) ROOM, null, null, null));

        assertExactlyTheRoomAdmitted(atOnce(perMinute.key()), 429);
        assertExactlyTheRoomAdmitted(atOnce(atOnce.key()), 429);
    }

    @Test
    void a_request_that_could_never_fit_is_a_bad_request_and_not_a_reason_to_retry() {
        TestGateway.Tenant tenant = gateway.tenant().limits(new Limits(null, 100L, null, null, null, null));

        HttpResponse<String> answer =
                new TestClient(gateway.url(), tenant.key().secret()).post("/api/chat", TestClient.CHAT);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("request_exceeds_limit");
        assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
    }

    @Test
    void a_raised_limit_holds_for_the_very_next_request() {
        TestGateway.Tenant tenant = gateway.tenant().limits(new Limits(1L, null, null, null, null, null));
        TestClient client = new TestClient(gateway.url(), tenant.key().secret());
        client.post("/api/chat", TestClient.CHAT);
        assertThat(client.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(429);

        tenant.limits(new Limits(2L, null, null, null, null, null));

        assertThat(client.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(200);
    }

    @Test
    void a_client_that_asks_one_after_the_other_never_meets_its_own_concurrency_limit() {
        TestGateway.Tenant tenant = gateway.tenant().limits(new Limits(null, null, 1L, null, null, null));
        TestClient client = new TestClient(gateway.url(), tenant.key().secret());

        for (int request = 0; request < 50; request++) {
            assertThat(client.post("/api/chat", TestClient.CHAT).statusCode())
                    .as("request %d", request)
                    .isEqualTo(200);
        }
    }

    /** On a busy machine a check can take too long: a 503, for which nobody else need be admitted. */
    private static void assertExactlyTheRoomAdmitted(List<HttpResponse<String>> answers, int others) {
        int unverified = count(answers, 503);
        assertThat(count(answers, 200)).as("admitted").isBetween(ROOM - unverified, ROOM);
        assertThat(count(answers, others)).as("refused").isEqualTo(CONCURRENT - unverified - count(answers, 200));
    }

    private static int count(List<HttpResponse<String>> answers, int status) {
        return (int)
                answers.stream().filter(answer -> answer.statusCode() == status).count();
    }

    /** What one request reserves, learnt as a client could: from two answers' headers. */
    private long reservationOf(TestGateway.Tenant tenant) {
        tenant.limits(new Limits(null, null, null, null, null, 1_000_000L));
        HttpResponse<String> answer =
                new TestClient(gateway.url(), tenant.key().secret()).post("/api/chat", TestClient.CHAT);
        assertThat(answer.statusCode()).isEqualTo(200);
        gateway.ollama().clearRecord();
        return 1_000_000L
                - answer.headers().firstValueAsLong("X-Budget-Remaining").orElseThrow();
    }

    private long spentBy(TestGateway.Tenant tenant) {
        await().atMost(Duration.ofSeconds(5))
                .until(() -> gateway.administration().audit(tenant.id(), 10).stream()
                        .anyMatch(row -> row.kind().equals("request") && row.charged() != null));
        return gateway.administration().audit(tenant.id(), 10).stream()
                .filter(row -> row.charged() != null)
                .mapToLong(row -> row.charged() == null ? 0 : row.charged())
                .sum();
    }

    private static List<HttpResponse<String>> atOnce(TestGateway.Key key) {
        // Nothing may settle while requests are still being admitted, or room would come back.
        gateway.ollama().firstFrameAfter(Duration.ofSeconds(4));
        TestClient client = new TestClient(gateway.url(), key.secret());
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, CONCURRENT)
                .mapToObj(request -> client.postAsync("/api/chat", TestClient.CHAT))
                .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }
}
