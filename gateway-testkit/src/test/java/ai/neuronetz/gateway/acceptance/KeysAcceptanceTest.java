package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyHash;
import ai.neuronetz.gateway.identity.Pepper;
import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.TestRedis;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeysAcceptanceTest {

    /** Its own, because this source's failures would bar the tests that come after. */
    private final TestRedis redis = TestRedis.start();

    @SuppressWarnings("NullAway.Init")
    private TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private TestGateway.Tenant tenant;

    @BeforeEach
    void start() {
        // Enough attempts that every test in here gets its 401 and not a 429; the limiter has a test of its own.
        gateway = TestGateway.builder()
                .redis(redis)
                .settings(settings -> settings.authFailuresPerMinute(100_000))
                .start();
        tenant = gateway.tenant();
    }

    @AfterEach
    void stop() {
        gateway.close();
        redis.close();
    }

    @Test
    void a_revoked_key_is_refused_on_its_very_next_request_with_a_warm_cache_and_on_a_second_replica() {
        TestGateway.Replica second = gateway.startReplica();
        TestGateway.Key key = tenant.key();
        List<TestClient> clients =
                List.of(new TestClient(gateway.url(), key.secret()), new TestClient(second.url(), key.secret()));
        for (TestClient client : clients) {
            assertThat(client.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(200);
            assertThat(client.get("/api/tags").statusCode()).isEqualTo(200);
        }
        gateway.ollama().clearRecord();

        key.revoke();

        for (TestClient client : clients) {
            assertThat(client.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(401);
        }
        TestGateway.Key another = tenant.key();
        for (TestGateway.Replica replica : List.of(gateway.replica(0), second)) {
            TestClient client = new TestClient(replica.url(), another.secret());
            assertThat(client.get("/api/tags").statusCode()).isEqualTo(200);
        }
        another.revoke();
        for (TestGateway.Replica replica : List.of(gateway.replica(0), second)) {
            TestClient client = new TestClient(replica.url(), another.secret());
            assertThat(client.get("/v1/models").statusCode()).isEqualTo(401);
            assertThat(client.get("/nowhere").statusCode()).isEqualTo(401);
        }
        assertThat(gateway.ollama().inferenceRequests()).isEmpty();
    }

    @Test
    void a_rotated_key_works_beside_its_successor_until_the_overlap_ends() {
        TestGateway.Key key = tenant.key();
        TestClient old = new TestClient(gateway.url(), key.secret());
        assertThat(old.get("/api/tags").statusCode()).isEqualTo(200);

        TestClient successor = new TestClient(gateway.url(), rotate(key, Duration.ofSeconds(2)));

        assertThat(old.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(200);
        assertThat(successor.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(5)).until(() -> old.get("/api/tags").statusCode() == 401);
        assertThat(old.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(401);
        assertThat(successor.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(200);
    }

    @Test
    void a_key_that_is_rotated_without_an_overlap_is_refused_on_its_next_request() {
        TestGateway.Key key = tenant.key();
        TestClient old = new TestClient(gateway.url(), key.secret());
        assertThat(old.get("/api/tags").statusCode()).isEqualTo(200);

        TestClient successor = new TestClient(gateway.url(), rotate(key, Duration.ZERO));

        assertThat(old.get("/api/tags").statusCode()).isEqualTo(401);
        assertThat(successor.get("/api/tags").statusCode()).isEqualTo(200);
    }

    private String rotate(TestGateway.Key key, Duration overlap) {
        ApiKey successor = ApiKey.generate();
        byte[] code = Pepper.parse(gateway.settings().keyPepper()).lookupCode(successor);
        String phc = KeyHash.standard().hash(successor);
        gateway.administration().rotateKey(key.id(), successor.id(), code, phc, overlap);
        return successor.reveal();
    }

    @Test
    void a_running_stream_of_a_revoked_key_is_cut_within_a_second() throws Exception {
        gateway.ollama().replyTokens(2_000).pace(Duration.ofMillis(50));
        TestGateway.Key key = tenant.key();
        try (TestClient.RawStream stream =
                new TestClient(gateway.url(), key.secret()).open("/api/chat", TestClient.CHAT)) {
            assertThat(stream.nextFrame()).contains("\"done\":false");

            key.revoke();
            long revoked = System.nanoTime();

            String last = "";
            for (String frame = stream.nextFrame(); frame != null; frame = stream.nextFrame()) {
                last = frame;
            }
            assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(Duration.ofMillis(1_200));
            assertThat(last).contains("invalid_api_key");
        }
        await().atMost(Duration.ofSeconds(2)).until(() -> gateway.ollama().openStreams() == 0);
    }

    @Test
    void missing_malformed_unknown_wrong_and_revoked_keys_get_the_identical_body() {
        TestGateway.Key revoked = tenant.key();
        revoked.revoke();
        String real = tenant.key().secret();
        String wrong = ApiKey.generate().reveal();
        Set<String> bodies = new LinkedHashSet<>();
        List<HttpResponse<String>> answers = new ArrayList<>();
        answers.add(new TestClient(gateway.url(), null).post("/api/chat", TestClient.CHAT));
        for (String key : List.of("nonsense", "nng_", real + "x", real.substring(1), wrong, revoked.secret())) {
            answers.add(new TestClient(gateway.url(), key).post("/api/chat", TestClient.CHAT));
        }

        for (HttpResponse<String> answer : answers) {
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                    .startsWith("Bearer");
            bodies.add(answer.body()
                    .replace(answer.headers().firstValue("X-Request-ID").orElseThrow(), "ID"));
        }
        assertThat(bodies).hasSize(1);
        assertThat(gateway.ollama().inferenceRequests()).isEmpty();
    }

    @Test
    void an_unauthenticated_caller_learns_nothing_about_which_paths_exist() {
        TestClient stranger = new TestClient(gateway.url(), null);

        for (String path : List.of("/", "/api/chat", "/api/pull", "/nowhere", "/v1/models", "/api/blobs/x")) {
            assertThat(stranger.get(path).statusCode()).as(path).isEqualTo(401);
        }
    }

    @Test
    void bogus_keys_at_full_speed_run_argon2id_not_once() {
        String known = tenant.key().secret();
        double before = argon2Runs();
        List<java.util.concurrent.CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int attempt = 0; attempt < 2_000; attempt++) {
            String bogus = attempt % 2 == 0
                    ? ApiKey.generate().reveal()
                    : known.substring(0, 17) + ApiKey.generate().reveal().substring(17);
            answers.add(new TestClient(gateway.url(), bogus).postAsync("/api/chat", TestClient.CHAT));
        }

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().statusCode()).isIn(401, 503));
        assertThat(argon2Runs()).isEqualTo(before);
        assertThat(new TestClient(gateway.url(), known).get("/api/tags").statusCode())
                .isEqualTo(200);
        assertThat(argon2Runs()).isEqualTo(before + 1);
    }

    @Test
    void a_source_that_fails_too_often_is_told_to_wait_but_a_verified_key_behind_it_still_works() {
        try (TestGateway strict = TestGateway.builder().redis(redis).start()) {
            String good = strict.tenant().key().secret();
            TestClient client = new TestClient(strict.url(), good);
            assertThat(client.get("/api/tags").statusCode()).isEqualTo(200);

            List<Integer> statuses = new ArrayList<>();
            for (int attempt = 0; attempt < 15; attempt++) {
                statuses.add(new TestClient(strict.url(), ApiKey.generate().reveal())
                        .get("/api/tags")
                        .statusCode());
            }

            assertThat(statuses.subList(0, 10)).containsOnly(401);
            assertThat(statuses.subList(10, 15)).containsOnly(429);
            assertThat(client.get("/api/tags").statusCode()).isEqualTo(200);
        }
    }

    private double argon2Runs() {
        return gateway.metrics().get("gateway.auth.argon2.runs").counter().count();
    }
}
