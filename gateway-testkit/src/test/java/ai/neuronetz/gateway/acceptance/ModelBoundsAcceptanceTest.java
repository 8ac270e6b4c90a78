package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.TestGateway.Replica;
import ai.neuronetz.gateway.testkit.TestGateway.Tenant;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The question is bound to 325 tokens. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ModelBoundsAcceptanceTest {

    private static final long BOUND = 256 + 64 + 5;
    private static final long OUTPUT_CAP = 4096;

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = TestGateway.start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void a_model_that_exceeds_its_bound_is_charged_in_full_and_reserved_more_for_everywhere_and_for_ever() {
        Replica other = gateway.startReplica();
        Tenant tenant = gateway.tenant();
        Tenant exact = gateway.tenant().limits(total(BOUND + OUTPUT_CAP));
        assertThat(ask(gateway.replica(0), exact).statusCode())
                .as("a budget of just the bound is enough for a request")
                .isEqualTo(200);
        gateway.ollama().counts(3 * BOUND, 12);

        ask(gateway.replica(0), tenant);
        gateway.ollama().reset();

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(gateway.administration().audit(tenant.id(), 10))
                        .filteredOn(row -> row.kind().equals("request"))
                        .singleElement()
                        .satisfies(row -> {
                            assertThat(row.basis()).isEqualToIgnoringCase("reported");
                            assertThat(row.charged()).isEqualTo(3 * BOUND + 12);
                        }));
        assertThat(gateway.metrics()
                        .get("gateway.accounting.bound.violations")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(needs(gateway.replica(0))).as("at once, where it was seen").isTrue();
        await("in the other replica").atMost(Duration.ofSeconds(10)).until(() -> needs(other));
        assertThat(needs(gateway.startReplica())).as("after a start").isTrue();
    }

    /** Whether a request reserves 4 times the bound of its input: a budget of one token less is too small for it. */
    private static boolean needs(Replica replica) {
        long raised = 4 * BOUND + OUTPUT_CAP;
        assertThat(ask(replica, gateway.tenant().limits(total(raised))).statusCode())
                .isEqualTo(200);
        return ask(replica, gateway.tenant().limits(total(raised - 1))).statusCode() == 400;
    }

    private static Limits total(long tokens) {
        return new Limits(null, null, null, null, null, tokens);
    }

    private static HttpResponse<String> ask(Replica replica, Tenant tenant) {
        return new TestClient(replica.url(), tenant.key().secret()).post("/api/chat", TestClient.CHAT);
    }
}
