package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.redis.RedisSettings;
import ai.neuronetz.gateway.redis.RedisStores;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GatewayExtension.class)
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RecoveryAcceptanceTest {

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private TestGateway.Tenant tenant;

    @SuppressWarnings("NullAway.Init")
    private TestClient client;

    @BeforeAll
    static void start(TestGateway started) {
        gateway = started;
    }

    @BeforeEach
    void a_tenant_with_a_key() {
        tenant = gateway.tenant();
        client = new TestClient(gateway.url(), tenant.key().secret());
    }

    @Test
    void a_process_that_was_declared_dead_cuts_what_it_has_open_and_serves_on() throws Exception {
        gateway.ollama().replyTokens(1_000).pace(Duration.ofMillis(100));
        try (TestClient.RawStream stream = client.open("/api/chat", TestClient.CHAT)) {
            assertThat(stream.nextFrame()).contains("\"done\":false");

            execute("UPDATE gateway.gateway_instance SET state = 'fenced'");

            String last = "";
            for (String frame = stream.nextFrame(); frame != null; frame = stream.nextFrame()) {
                last = frame;
            }
            assertThat(last).contains("\"error\"").doesNotContain("\"done\":true");
            await().atMost(Duration.ofSeconds(5)).until(() -> gateway.ollama().openStreams() == 0);
        }

        gateway.ollama().reset();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> client.post("/api/chat", TestClient.CHAT).statusCode() == 200);
        // By whoever came first, the cut itself or the reaper; once.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> value("SELECT count(*) FROM gateway.audit_log WHERE tenant_id = '" + tenant.id()
                                + "' AND outcome = 'OPEN'")
                        .equals("0"));
    }

    @Test
    void a_place_in_redis_whose_request_the_ledger_never_saw_is_voided_and_then_freed() throws Exception {
        tenant.limits(new Limits(null, null, 1L, null, null, null));
        assertThat(client.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(200);
        UUID lost = lostBetweenGateAndLedger();

        assertThat(client.post("/api/chat", TestClient.CHAT).statusCode()).isEqualTo(429);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> client.post("/api/chat", TestClient.CHAT).statusCode() == 200);
        assertThat(value("SELECT fate FROM gateway.request_fate WHERE request_id = '" + lost + "'"))
                .isEqualTo("void");
    }

    /** What a process leaves that is killed after the gate admitted a request. */
    private UUID lostBetweenGateAndLedger() {
        UUID id = new UUID((System.currentTimeMillis() << 16) | 0x7000, 0x8000000000000000L | System.nanoTime());
        Principal principal = new Principal(
                tenant.id(), tenant.key().id(), ModelPolicy.none(), Limits.none(), Limits.none(), null, 0);
        try (RedisStores redis =
                RedisStores.open(RedisSettings.parse(gateway.redis().url()), new SimpleMeterRegistry())) {
            assertThat(redis.rateGate().admit(id, principal, 100)).isInstanceOf(RateGate.GateResult.Admitted.class);
        }
        return id;
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = gateway.database().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(String sql) throws SQLException {
        try (Connection connection = gateway.database().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "nothing";
        }
    }
}
