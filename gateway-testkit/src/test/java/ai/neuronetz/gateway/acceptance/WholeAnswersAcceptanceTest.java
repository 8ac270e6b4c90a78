package ai.neuronetz.gateway.acceptance;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.admin.Administration.AuditRow;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers of megabytes that are no streams, and clients that take their time with them. */
@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class WholeAnswersAcceptanceTest {

    private static final String EMBED = "{\"model\":\"llama3.2:3b\",\"input\":\"Hi\"}";

    /** More than the buffers of both sockets hold. */
    private static final String VECTORS = "{\"model\":\"llama3.2:3b\",\"embeddings\":[[" + "0.25,".repeat(3_000_000)
            + "1]],\"total_duration\":1,\"prompt_eval_count\":3}";

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
    void a_tenant_with_one_place() {
        tenant = gateway.tenant().limits(new Limits(null, null, 1L, null, null, null));
        client = new TestClient(gateway.url(), tenant.key().secret());
    }

    @AfterEach
    void no_stub_stays() {
        gateway.ollama().reset();
    }

    @Test
    void an_answer_that_is_not_read_keeps_its_place_until_it_is() throws Exception {
        gateway.ollama().stub(post(urlEqualTo("/api/embed")).willReturn(okJson(VECTORS)));

        try (TestClient.RawStream unread = client.open("/api/embed", EMBED)) {
            assertThat(unread.nextLine()).startsWith("HTTP/1.1 200");

            HttpResponse<String> second = client.post("/api/embed", EMBED);

            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(second.body()).contains("concurrency_limit");
            assertThat(unread.nextFrame()).isEqualTo(VECTORS);
        }
        assertThat(client.post("/api/embed", EMBED).body()).isEqualTo(VECTORS);
    }

    @Test
    void a_client_that_leaves_its_answer_unread_pays_what_it_cost_and_gives_its_place_back() throws Exception {
        gateway.ollama().stub(post(urlEqualTo("/api/embed")).willReturn(okJson(VECTORS)));
        TestClient.RawStream unread = client.open("/api/embed", EMBED);
        assertThat(unread.nextLine()).startsWith("HTTP/1.1 200");

        unread.reset();

        await().atMost(Duration.ofSeconds(10)).until(() -> !rows().isEmpty());
        AuditRow row = rows().get(0);
        assertThat(row.outcome()).isEqualToIgnoringCase("client_gone");
        assertThat(row.basis()).isEqualToIgnoringCase("reported");
        assertThat(row.charged()).isEqualTo(3);
        assertThat(client.post("/api/embed", EMBED).statusCode()).isEqualTo(200);
    }

    @Test
    void small_answers_one_after_the_other_never_meet_their_own_concurrency_limit() {
        for (int request = 0; request < 50; request++) {
            HttpResponse<String> answer = client.post("/api/chat", TestClient.CHAT_WHOLE);

            assertThat(answer.statusCode()).as("request %d", request).isEqualTo(200);
            assertThat(answer.headers().firstValue("Transfer-Encoding")).isEmpty();
            assertThat(answer.headers().firstValueAsLong("Content-Length"))
                    .hasValue(answer.body().length());
        }
    }

    private List<AuditRow> rows() {
        return gateway.administration().audit(tenant.id(), 10).stream()
                .filter(row -> row.kind().equals("request") && row.charged() != null)
                .toList();
    }
}
